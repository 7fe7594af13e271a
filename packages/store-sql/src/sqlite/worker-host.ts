/**
 * The engine on a thread of its own, so that a sync to the disk stops nothing else.
 *
 * W1. Requests are answered in the order in which they were posted.
 * W2. When the thread ends, by a defect or out of memory, what waits and what comes is rejected; nobody waits for ever.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { StoreError, type WriteItem, type WriteResult } from '@tandem/store';
import type { EngineHost, EngineVerb } from './engine-host.js';
import type { EngineOptions, SqliteEngine } from './sqlite-engine.js';
import { decodeFault, type WorkerAnswer, type WorkerRequest, type WorkerStart } from './worker-protocol.js';
import { decodeResults, encodeItems } from './write-message.js';

const workerUrl = new URL('./sqlite-worker.js', import.meta.url);

/** False where this file runs from its source or from a bundle: a worker needs a script file of its own. */
export function hasWorkerScript(): boolean {
  return existsSync(fileURLToPath(workerUrl));
}

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: StoreError) => void;
}

/** See the file head. */
export class WorkerHost implements EngineHost {
  readonly #worker: Worker;
  #waiting: Waiting[] = [];
  #ended: StoreError | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: WorkerAnswer) => this.#waiting.shift()?.resolve(answer));
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', () => this.#end(undefined));
  }

  /** Rejects with `StoreError` when the file cannot be opened. */
  static async open(options: EngineOptions): Promise<WorkerHost> {
    const workerData: WorkerStart = { options };
    // Flags of the process (loaders, conditions, inspectors) are not for this thread.
    const host = new WorkerHost(new Worker(workerUrl, { workerData, name: 'tandem-store', execArgv: [] }));
    await host.#answer();
    return host;
  }

  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    const answer = await this.#request({ kind: 'write', items: encodeItems(items) });
    return answer.kind === 'written' ? decodeResults(answer.results) : [];
  }

  async call<V extends EngineVerb>(
    verb: V,
    ...args: Parameters<SqliteEngine[V]>
  ): Promise<ReturnType<SqliteEngine[V]>> {
    const answer = await this.#request({ kind: 'call', verb, args });
    return (answer.kind === 'done' ? answer.value : undefined) as ReturnType<SqliteEngine[V]>;
  }

  async close(): Promise<void> {
    await this.#request({ kind: 'close' });
    await this.#worker.terminate();
  }

  #request(request: WorkerRequest): Promise<WorkerAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    this.#worker.postMessage(request);
    return this.#answer();
  }

  async #answer(): Promise<WorkerAnswer> {
    const answer = await new Promise<WorkerAnswer>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    if (answer.kind === 'failed') throw decodeFault(answer.fault);
    return answer;
  }

  #end(cause: unknown): void {
    this.#ended ??= new StoreError('closed', 'the thread of the store has ended', { cause });
    for (const { reject } of this.#waiting) reject(this.#ended);
    this.#waiting = [];
  }
}
