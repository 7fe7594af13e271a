/** The coupons: HTTP, on Redis. What it serves is CONTRACT.md; go/ serves the same. */
import { branchHandler, type RequestHandler } from '@tandem/client';
import { ioredisBarriers } from '@tandem/client/ioredis';
import { nodeListener } from '@tandem/client/node';
import { serve, setting } from '@tandem/example-stage';
import { Redis } from 'ioredis';

/** The payload of every branch. */
interface Coupon {
  readonly order: string;
  readonly code: string;
}

// A call that finds Redis gone answers at once, and is made again; it is not kept until Redis is back.
const redis = new Redis(setting('REDIS_URL'), { maxRetriesPerRequest: 1, enableOfflineQueue: false });
redis.on('error', (error) => console.error(`no connection to Redis: ${error.message}`));
const barriers = ioredisBarriers(redis);

const prefix = setting('COUPON_PREFIX');

/** Changes how often a coupon may still be used; one that nobody has issued may not be used at all. */
const adjusting = (by: 1 | -1): RequestHandler =>
  branchHandler<Coupon>(({ payload: { code }, barrier }) =>
    barriers.adjust(barrier, {
      key: `${prefix}coupon:${code}`,
      by,
      min: 0,
      refusal: `coupon ${code} is used, or is none`,
    }),
  );

serve(
  nodeListener({
    '/use': adjusting(-1),
    '/return': adjusting(1),
    '/hold': adjusting(-1),
    '/confirm': branchHandler(() => undefined),
    '/cancel': adjusting(1),
  }),
);
