/** The shop: buyers come here, and so does the coordinator's back-check. A process of its own, with the stock in Redis. */
import { createClient } from '@tandem/client';
import { ioredisBarriers } from '@tandem/client/ioredis';
import { nodeListener } from '@tandem/client/node';
import { serve, setting } from '@tandem/example-stage';
import { Redis } from 'ioredis';
import type { Purchase } from '../purchase.js';
import { createShop } from '../shop.js';
import { CrashPoints } from './crash-points.js';

// A purchase that finds Redis gone is unclear at once, and the buyer asks again; it does not wait in here until Redis is back.
const redis = new Redis(setting('REDIS_URL'), { maxRetriesPerRequest: 1, enableOfflineQueue: false });
redis.on('error', (error) => console.error(`no connection to Redis: ${error.message}`));
const barriers = ioredisBarriers(redis);

const crashPoints = new CrashPoints();
const buy = createShop({
  tandem: createClient({ url: setting('TANDEM_URL') }),
  barriers,
  stockKey: setting('STOCK_KEY'),
  checkUrl: `${setting('SHOP_URL')}/check`,
  ordersUrl: `${setting('ORDERS_URL')}/create`,
  pass: (moment, { buyer }) => crashPoints.pass(moment, buyer),
});

serve(
  nodeListener({
    '/buy': async (request) => {
      const purchase = (await request.json()) as Purchase;
      const told = await buy(purchase);
      crashPoints.pass('told', purchase.buyer);
      return Response.json(told);
    },
    '/check': barriers.backCheckHandler(),
    '/crash': crashPoints.handler,
  }),
);
