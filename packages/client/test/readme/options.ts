import { createClient } from '@tandem/client';

const tandem = createClient({ url: 'http://127.0.0.1:36789' });
const [stock, coupon, payment] = ['http://stock', 'http://coupon', 'http://payment'];

// #region options
export const order = tandem
  .saga({
    gid: 'order-4711',
    concurrent: true,
    timeoutToFail: '10m',
    requestTimeout: '5s',
    retry: { interval: '2s', maxInterval: '1m' },
    branchHeaders: { 'x-tenant': 'north' },
  })
  .step('stock', { action: `${stock}/take`, compensate: `${stock}/give`, payload: { item: 7 } })
  .step('coupon', { action: `${coupon}/use`, compensate: `${coupon}/return`, payload: { code: 'MAY' } })
  .step('payment', {
    action: `${payment}/pay`,
    compensate: `${payment}/refund`,
    payload: { amount: 30 },
    after: ['stock', 'coupon'],
  });
// #endregion
