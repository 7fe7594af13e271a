/** Which branch of which transaction is prepared. */
export interface XaBranchId {
  /** The transaction's name. */
  readonly gid: string;
  /** The branch in it: `01`, `02`, ... */
  readonly branchId: string;
  /** `xa`, or `workflow`. */
  readonly transType: string;
}

/**
 * What a database must give so that XA branches work on it: one file per driver implements this.
 *
 * X1. Work and barrier row are in one local transaction; once prepared it survives the process and its connection.
 * X2. commit and rollback may be repeated: of what has ended as they ask, they are a success.
 * X3. A branch that is rolled back before it was prepared can never be prepared later (the barrier row keeps it from it).
 * X4. That a branch is unknown to the engine is no proof that it was committed: its barrier row is.
 */
export interface XaDatabase<Tx> {
  /**
   * Works and prepares; rolls back and throws when the work, or what comes `beforePrepare`, throws. `repeated`: it was prepared
   * or committed before. Throws `BranchFailure` where it was rolled back before.
   */
  prepare<T>(branch: XaBranchId, work: XaWork<Tx, T>): Promise<XaPrepared<T>>;
  /** Commits what is prepared. Throws where it is neither prepared nor known to be committed. */
  commit(branch: XaBranchId): Promise<void>;
  /** Rolls back what is prepared, and keeps it from being prepared later where it is not. */
  rollback(branch: XaBranchId): Promise<void>;
  /** Rolls back what is prepared, so that it can be done again: it is not decided, and its result is not known. */
  giveUp(branch: XaBranchId): Promise<void>;
}

/** What is done in the local transaction of a branch. */
export interface XaWork<Tx, T> {
  /** The business change. */
  run(tx: Tx): PromiseLike<T> | T;
  /** Inside the transaction, after the work. */
  beforePrepare?(): Promise<void>;
}

/** What became of a branch's work. */
export type XaPrepared<T> =
  | {
      /** It was done, and waits for the decision. */
      readonly kind: 'prepared';
      /** What the work returned. */
      readonly value: T;
    }
  | {
      /** It was done before. */
      readonly kind: 'repeated';
    };
