/**
 * A connection of postgres.js that is lost while nothing is asked of it does not tell who has it. Once the pool has opened it again,
 * for others, what is asked of it happens in their transaction; before that, it ends the process. So it is watched here as a `begin`
 * of postgres.js watches its own, and nothing more is asked of what is lost.
 */
import type { Sql, TransactionSql } from 'postgres';

/** What postgres.js keeps of one connection to the server. */
interface Link {
  onclose: ((error: unknown) => void) | null;
}

/** Statements on one connection. */
export class WatchedLink<S extends Sql | TransactionSql> {
  /** The same, which refuses what is asked after the connection was lost. */
  readonly sql: S;
  readonly #watched: S;
  #link: Link | undefined;
  #before: Link['onclose'] = null;
  #isLost = false;

  constructor(sql: S) {
    this.#watched = sql;
    this.sql = this.#guarded(sql);
  }

  /** Before the first use. Answers whether this version of postgres.js lets itself be watched. */
  async watch(): Promise<boolean> {
    // Without values: of others it is not told. And nothing that takes a snapshot, after which a transaction's isolation is settled.
    await this.#watched.unsafe('show transaction_isolation', [], { onexecute: this.#onexecute } as object);
    return this.#link !== undefined;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Before it goes back to its pool. */
  forget(): void {
    if (this.#link !== undefined && !this.#isLost) this.#link.onclose = this.#before;
  }

  /** Does the work inside a `begin`, which must not end a transaction that is no longer its own: its commit would be that of others. */
  async within<T>(work: (sql: S) => Promise<T>): Promise<T> {
    // On its way before the work's first statement, which need not wait for it.
    this.watch().catch(() => undefined);
    return this.#unlessLost(() => work(this.sql));
  }

  async #unlessLost<T>(work: () => T): Promise<Awaited<T>> {
    try {
      return await work();
    } finally {
      // Whoever called `begin` has been told already.
      if (this.#isLost) await new Promise<never>(() => undefined);
    }
  }

  readonly #onexecute = (link: Link): true => {
    if (this.#link === undefined) {
      this.#link = link;
      this.#before = link.onclose;
      link.onclose = (error) => {
        this.#isLost = true;
        this.#before?.(error);
      };
    }
    return true;
  };

  #requireLink(): void {
    if (!this.#isLost) return;
    throw Object.assign(new Error('the connection of this transaction was lost'), { code: 'CONNECTION_CLOSED' });
  }

  #guarded<Any extends Sql | TransactionSql>(sql: Any): Any {
    return new Proxy(sql, {
      apply: (target, self, given: unknown[]) => {
        this.#requireLink();
        return Reflect.apply(target, self, given) as unknown;
      },
      get: (target, name) => {
        this.#requireLink();
        if (name === 'savepoint' && 'savepoint' in target) return this.#savepoint(target);
        return Reflect.get(target, name) as unknown;
      },
    });
  }

  #savepoint(target: TransactionSql): (...given: unknown[]) => unknown {
    const savepoint = target.savepoint.bind(target) as (...given: unknown[]) => unknown;
    return (...given) => {
      const work = given.pop() as (sql: TransactionSql) => unknown;
      return savepoint(...given, (sql: TransactionSql) => this.#unlessLost(() => work(this.#guarded(sql))));
    };
  }
}
