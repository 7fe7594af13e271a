/**
 * A database's XA: work inside `xa start` ... `xa prepare` holds its locks; once prepared it outlives its connection, until
 * somebody ends it by its xid.
 *
 * X1. The first thing that the work locks is the barrier's row of its branch, which a rollback inserts too, after it has ended
 *     the branch. So a rollback that comes while the work is open waits for that lock, and is asked for again; and work that
 *     begins after its rollback finds the row, and must not go on: nobody would ever end what it prepared.
 */
export type XaState = 'active' | 'prepared';

export class XaDatabase {
  readonly #open = new Map<string, XaState>();
  /** Barrier rows that are committed: by the work itself, or by its rollback. */
  readonly #barrier = new Set<string>();

  /** `xa start`, and the barrier's row: `known` is XAER_DUPID, `tooLate` that the row is there. */
  start(xid: string): 'started' | 'known' | 'tooLate' {
    if (this.#open.has(xid)) return 'known';
    if (this.#barrier.has(xid)) return 'tooLate';
    this.#open.set(xid, 'active');
    return 'started';
  }

  /** `xa end` and `xa prepare`. */
  prepare(xid: string): void {
    if (this.#open.get(xid) === 'active') this.#open.set(xid, 'prepared');
  }

  /** The connection ends before the work is prepared: it is rolled back with it. */
  abandon(xid: string): void {
    if (this.#open.get(xid) === 'active') this.#open.delete(xid);
  }

  /** `xa commit`; `unknown` is XAER_NOTA, which is also said of what is still open in another connection. */
  commit(xid: string): 'done' | 'unknown' {
    if (this.#open.get(xid) !== 'prepared') return 'unknown';
    this.#open.delete(xid);
    this.#barrier.add(xid);
    return 'done';
  }

  /** `xa rollback`, and then the barrier's row (X1): `locked` is a lock that was not got in time. */
  rollback(xid: string): 'done' | 'unknown' | 'locked' {
    const state = this.#open.get(xid);
    if (state === 'active') return 'locked';
    this.#open.delete(xid);
    this.#barrier.add(xid);
    return state === 'prepared' ? 'done' : 'unknown';
  }

  /** Xids of what is prepared and has not been ended. */
  get prepared(): readonly string[] {
    return [...this.#open].flatMap(([xid, state]) => (state === 'prepared' ? [xid] : []));
  }
}
