import { z } from 'zod';

/** What a customer orders: one piece, with one coupon, paid from one account. */
export const orderSchema = z.object({
  /** Chosen by the customer's side. Ordered again under the same id, it is the same order. */
  id: z.string().min(1).max(60),
  item: z.string().min(1),
  coupon: z.string().min(1),
  account: z.string().min(1),
  /** In cents. */
  amount: z.int().positive(),
  mode: z.enum(['saga', 'tcc']),
});

export type Order = Readonly<z.infer<typeof orderSchema>>;

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
