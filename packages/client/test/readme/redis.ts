// #region redis
import { branchHandler, createClient } from '@tandem/client';
import { ioredisBarriers } from '@tandem/client/ioredis';
import { Redis } from 'ioredis';

const client = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379');
export const redis = ioredisBarriers(client);

/** A number within limits: refused where it would fall below 0. */
export const take = branchHandler<Line>(({ payload: { item, pieces }, barrier }) =>
  redis.adjust(barrier, { key: `stock:${item}`, by: -pieces, min: 0, refusal: 'sold out' }),
);
export const giveBack = branchHandler<Line>(({ payload: { item, pieces }, barrier }) =>
  redis.adjust(barrier, { key: `stock:${item}`, by: pieces }),
);

/** Anything else in Lua: `refuse` ends it, and refuses the branch. */
export const useCoupon = branchHandler<Use>(({ payload: { code, order }, barrier }) =>
  redis.script(barrier, { lua: using, keys: [`coupon:${code}`], args: [order] }),
);
const using = `
  if redis.call('HGET', KEYS[1], 'state') ~= 'free' then refuse('the coupon is used, or there is none') end
  redis.call('HSET', KEYS[1], 'state', 'used', 'order', ARGV[1])
`;

/** A message whose local part is on Redis: served at CHECK_URL, and told there by which key it is to look. */
export const checkSale = redis.backCheckHandler();

export async function sell(order: string, item: string) {
  const tandem = createClient({ url: process.env['TANDEM_URL'] ?? 'http://127.0.0.1:36789' });
  const message = tandem.message({ gid: order }).add(`${process.env['ORDERS_URL'] ?? ''}/create`, { order, item });
  const key = `stock:${item}`;
  return message.doAndSubmit(redis.checkUrl(process.env['CHECK_URL'] ?? '', key), (barrier) =>
    redis.adjust(barrier, { key, by: -1, min: 0, refusal: 'sold out' }),
  );
}

interface Line {
  item: string;
  pieces: number;
}

interface Use {
  code: string;
  order: string;
}
// #endregion

export { client };
