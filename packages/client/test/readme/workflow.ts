import { createServer } from 'node:http';
import { nodeListener } from '@tandem/client/node';
// #region workflow
import { BranchFailure, createClient } from '@tandem/client';
import { createWorkflows } from '@tandem/client/workflow';

const tandem = createClient({ url: process.env['TANDEM_URL'] ?? 'http://127.0.0.1:36789' });
const workflows = createWorkflows(tandem, { url: process.env['WORKFLOW_URL'] ?? 'http://127.0.0.1:8080/workflow' });
const stock = process.env['STOCK_URL'] ?? 'http://127.0.0.1:8081';

interface Order {
  item: string;
  pieces: number;
  price: number;
}

export const placeOrder = workflows.define('place-order', async (wf, order: Order) => {
  // By HTTP: what the service answered is recorded; `onRollback` is called should the order fail later.
  const reserved = await wf.call<{ shelf: string }>('stock', {
    url: `${stock}/reserve`,
    payload: order,
    onRollback: `${stock}/release`,
  });

  // Side by side, each a chain of steps of its own.
  const { total } = await wf.parallel({
    total: (wf) => wf.do('total', () => order.pieces * order.price),
    parcel: async (wf) => {
      const id = await wf.do('label', () => crypto.randomUUID());
      await wf.call('carrier', { url: `${stock}/carrier`, payload: { id, shelf: reserved.shelf } });
    },
  });
  if (total > 1_000) throw new BranchFailure('too expensive'); // the steps are undone, backwards

  await wf.sleep('time to withdraw', '100ms'); // or '3d': outlives this process
  await wf.do('book', {
    action: () => `booked ${total}`,
    onCommit: () => console.info('the order stands'),
    onRollback: (booking) => console.info('take back', booking),
  });
  return { shelf: reserved.shelf, total };
});

export const handler = workflows.handler; // served at the workflows' url, by POST and GET
// #endregion

export const server = createServer(nodeListener({ '/workflow': handler }));
