/** What a customer orders: one piece, with one coupon, paid from one account. */
export interface Order {
  /** Chosen by the customer's side. Ordered again under the same id, it is the same order. */
  readonly id: string;
  readonly item: string;
  readonly coupon: string;
  readonly account: string;
  /** In cents. */
  readonly amount: number;
  readonly mode: 'saga' | 'tcc';
}

export type OrderStatus = 'pending' | 'confirmed' | 'refused';

/** What the order service answers, with the HTTP status that says it. */
export type OrderAnswer =
  /** 201, and 200 when it is asked about later. Final. */
  | { readonly status: 'confirmed' }
  /** 409. Final: nothing of it is left, or will be. */
  | { readonly status: 'refused'; readonly reason: string }
  /** 202: it will end as one of the two. */
  | { readonly status: 'pending' }
  /** 503: it may or may not have begun. Order again under the same id. */
  | { readonly status: 'unclear'; readonly reason: string };
