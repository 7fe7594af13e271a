import type { WriteItem, WriteResult } from '@tandem/store';
import type { SqliteEngine } from './sqlite-engine.js';

/** The verbs of the engine that are not on the path of every write, and so need no encoding of their own. */
export type EngineVerb = Exclude<keyof SqliteEngine, 'write' | 'close'>;

/** Where the engine runs. Every method rejects with `StoreError`. */
export interface EngineHost {
  write(items: readonly WriteItem[]): Promise<readonly WriteResult[]>;
  call<V extends EngineVerb>(verb: V, ...args: Parameters<SqliteEngine[V]>): Promise<ReturnType<SqliteEngine[V]>>;
  /** Finishes what is under way, then closes. Called once. */
  close(): Promise<void>;
}

/** Calls a verb by its name: the one place where the compiler cannot follow arguments to their verb. */
export function callEngine<V extends EngineVerb>(
  engine: SqliteEngine,
  verb: V,
  args: Parameters<SqliteEngine[V]>,
): ReturnType<SqliteEngine[V]> {
  const method = engine[verb] as (this: SqliteEngine, ...args: unknown[]) => ReturnType<SqliteEngine[V]>;
  return method.apply(engine, args);
}

/** The engine on this thread: every verb is done when it returns, and nothing else runs meanwhile. */
export class MainThreadHost implements EngineHost {
  readonly #engine: SqliteEngine;

  constructor(engine: SqliteEngine) {
    this.#engine = engine;
  }

  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    return this.#engine.write(items);
  }

  async call<V extends EngineVerb>(
    verb: V,
    ...args: Parameters<SqliteEngine[V]>
  ): Promise<ReturnType<SqliteEngine[V]>> {
    return callEngine(this.#engine, verb, args);
  }

  async close(): Promise<void> {
    this.#engine.close();
  }
}
