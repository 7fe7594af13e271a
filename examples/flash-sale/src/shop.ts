/**
 * The part to copy: a purchase, as a two-phase message whose local transaction is one script in Redis.
 *
 * 1. prepare: the order's message is durable at the coordinator, and not delivered.
 * 2. One script takes a piece and leaves the barrier's mark; or nothing is left, and the message is aborted.
 * 3. submit: the coordinator delivers the order, until the order service has it.
 *
 * Whatever dies in between, the mark tells the coordinator's back-check what happened.
 */
import {
  BranchFailure,
  LocalTransactionUnclear,
  TransactionFailed,
  TransactionOngoing,
  type Client,
} from '@tandem/client';
import type { RedisBarriers } from '@tandem/client/ioredis';
import type { Order, Purchase, Told } from './purchase.js';

export interface ShopOptions {
  readonly tandem: Client;
  readonly barriers: RedisBarriers;
  /** The key that holds how many pieces are left. */
  readonly stockKey: string;
  /** Where this shop serves the back-check, and where orders are created. */
  readonly checkUrl: string;
  readonly ordersUrl: string;
  /** For the demonstration, which lets the process die there: the message is prepared; the piece is taken. */
  readonly pass?: (moment: 'prepared' | 'taken', purchase: Purchase) => void;
}

const soldOut = 'sold out';

export function createShop({ tandem, barriers, stockKey, checkUrl, ordersUrl, pass }: ShopOptions) {
  const check = barriers.checkUrl(checkUrl, stockKey);

  return async function buy(purchase: Purchase): Promise<Told> {
    const order: Order = { id: `sale-${purchase.buyer}-${purchase.attempt}`, buyer: purchase.buyer };
    const message = tandem
      .message({
        gid: order.id,
        firstCheckAfter: '2s',
        checkInterval: '1s',
        retry: { interval: '1s', maxInterval: '5s' },
      })
      .add(ordersUrl, order);
    try {
      await message.doAndSubmit(check, async (barrier) => {
        pass?.('prepared', purchase);
        await barriers.adjust(barrier, { key: stockKey, by: -1, min: 0, refusal: soldOut });
        pass?.('taken', purchase);
      });
      return { told: 'bought', order: order.id };
    } catch (error) {
      return toldAfter(error, order);
    }
  };
}

function toldAfter(error: unknown, { id }: Order): Told {
  if (error instanceof BranchFailure) return { told: error.message === soldOut ? 'sold out' : 'given up' };
  // An earlier request of this attempt, or the back-check, has ended it.
  if (error instanceof TransactionFailed) return { told: 'given up' };
  // The piece is taken, and the coordinator is down: when it is back, its back-check finds the mark.
  if (error instanceof TransactionOngoing) return { told: 'bought', order: id };
  if (error instanceof LocalTransactionUnclear && error.decision === 'submitted') return { told: 'bought', order: id };
  return { told: 'unclear', reason: error instanceof Error ? error.message : String(error) };
}
