/**
 * One order over four services, as a saga and as a TCC: the same services, the same books.
 *
 * Saga: each step is done for good at once, and undone where a later one refuses; meanwhile others see it. An outage is waited out.
 * TCC: everything is reserved first, then all is confirmed, or all is cancelled; nobody sees the half of it. An outage while it
 * reserves is a refusal. That the order stands is the last step of the saga, and the order's own confirmation in the TCC.
 */
import type { Client } from '@tandem/client';
import type { Order } from '../order.js';
import { stockService } from './stock-service.js';

/** Where the branches of the services are. */
export interface Places {
  /** This service itself, as an URL without a path; so are those of coupon and payment. */
  readonly order: string;
  readonly coupon: string;
  readonly payment: string;
  /** `grpc://host:port/shop.Stock` */
  readonly stock: string;
}

export interface PlaceOptions {
  readonly places: Places;
  /** Wait for the outcome. */
  readonly waitResult: boolean;
}

/** An order's id is its transaction's: ordered twice, it is one. */
const gidOf = ({ id }: Order) => `order-${id}`;

const options = { requestTimeout: '2s', retry: { interval: '1s' } } as const;

/** Resolves when the saga is durable, or with `waitResult` when the order is confirmed. */
export async function placeAsSaga(tandem: Client, order: Order, { places, waitResult }: PlaceOptions): Promise<void> {
  const { id, item, coupon, account, amount } = order;
  await tandem
    .saga({ gid: gidOf(order), ...options })
    .step('order', { action: `${places.order}/place`, compensate: `${places.order}/refuse`, payload: order })
    .step('stock', {
      action: `${places.stock}/Take`,
      compensate: `${places.stock}/GiveBack`,
      payload: stockService.Take.requestSerialize({ order: id, item }),
    })
    .step('coupon', {
      action: `${places.coupon}/use`,
      compensate: `${places.coupon}/return`,
      payload: { order: id, code: coupon },
    })
    .step('payment', {
      action: `${places.payment}/pay`,
      compensate: `${places.payment}/refund`,
      payload: { order: id, account, amount },
    })
    .step('confirmation', { action: `${places.order}/confirm`, compensate: null, payload: order })
    .submit({ waitResult });
}

/** Resolves when all is reserved and the decision to confirm is durable, or with `waitResult` when the order is confirmed. */
export async function placeAsTcc(tandem: Client, order: Order, { places, waitResult }: PlaceOptions): Promise<void> {
  const { id, item, coupon, account, amount } = order;
  await tandem.tcc({ gid: gidOf(order), ...options, timeoutToFail: '10s', waitResult }, async (tcc) => {
    await tcc.branch('order', {
      try: `${places.order}/place`,
      confirm: `${places.order}/confirm`,
      cancel: `${places.order}/refuse`,
      payload: order,
    });
    await tcc.branch('stock', {
      try: `${places.stock}/Hold`,
      confirm: `${places.stock}/Sell`,
      cancel: `${places.stock}/LetGo`,
      payload: stockService.Hold.requestSerialize({ order: id, item }),
    });
    await tcc.branch('coupon', {
      try: `${places.coupon}/hold`,
      confirm: `${places.coupon}/confirm`,
      cancel: `${places.coupon}/cancel`,
      payload: { order: id, code: coupon },
    });
    await tcc.branch('payment', {
      try: `${places.payment}/reserve`,
      confirm: `${places.payment}/capture`,
      cancel: `${places.payment}/release`,
      payload: { order: id, account, amount },
    });
  });
}
