/**
 * Thrown by a branch: refuse, for good. The coordinator rolls the transaction back, this branch included.
 * Also the way to abort a message from its local transaction. The reason reaches the one who submitted.
 */
export class BranchFailure extends Error {
  /** What logs show. */
  override readonly name = 'BranchFailure';
}

/** Thrown by a branch: not done yet, and not failed. The coordinator asks again, without counting it as an error. */
export class BranchOngoing extends Error {
  /** What logs show. */
  override readonly name = 'BranchOngoing';
}
