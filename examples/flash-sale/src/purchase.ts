/** What a buyer's browser sends. The same attempt may be sent again and again: it is one purchase at most. */
export interface Purchase {
  readonly buyer: string;
  /** Counted by the browser, from 1. A new one begins when the last one has ended without an order. */
  readonly attempt: number;
}

/** What the buyer is told. */
export type Told =
  /** The piece is the buyer's, and the order comes if it is not there yet. */
  | { readonly told: 'bought'; readonly order: string }
  /** Nothing is left, and this attempt will never become an order. */
  | { readonly told: 'sold out' }
  /** This attempt was given up before it took anything, and will never become an order: try anew. */
  | { readonly told: 'given up' }
  /** Not known at the moment: send the same attempt again. */
  | { readonly told: 'unclear'; readonly reason: string };

/** The payload that the order service gets. */
export interface Order {
  /** The message's gid. */
  readonly id: string;
  readonly buyer: string;
}
