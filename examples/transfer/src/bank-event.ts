/** The payload of every branch of the transfer. */
export interface Movement {
  readonly account: string;
  readonly amount: number;
}

/** What a bank did with one call. */
export interface BankEvent extends Movement {
  readonly kind: 'debit' | 'undo-debit' | 'credit' | 'undo-credit';
  readonly outcome: 'done' | 'refused' | 'repeated' | 'nothingToUndo' | 'alreadyUndone';
  readonly reason?: string;
  /** The work is committed, and the answer is held back. */
  readonly isHeld: boolean;
}
