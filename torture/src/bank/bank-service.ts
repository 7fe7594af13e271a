/**
 * One bank: a service of its own with a database of its own. `node bank-service.js NAME PORT DATABASE COORDINATOR`
 *
 * What it serves to transactions comes from their kinds; `/control/` is for the run that tortures it.
 */
import { createServer } from 'node:http';
import { createClient, type RequestHandler } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { transactionKinds } from '../kinds/catalogue.js';
import { Bank } from './bank.js';
import { MannersOfBank, type MannersOrder } from './manners.js';

const [name = '', port = '', databasePath = '', coordinatorUrl = ''] = process.argv.slice(2);

const bank = new Bank({
  databasePath,
  client: createClient({ url: coordinatorUrl, timeout: '4s' }),
  hasBarrier: process.env['TORTURE_SABOTAGE'] !== 'no-barrier',
});
const manners = new MannersOfBank();

const setManners: RequestHandler = async (request) => {
  manners.set((await request.json()) as MannersOrder);
  return Response.json({});
};

const routes: Readonly<Record<string, RequestHandler>> = {
  ...Object.fromEntries(transactionKinds.flatMap((kind) => Object.entries(kind.routes(bank)))),
  '/control/ready': async () => Response.json({ name }),
  '/control/manners': setManners,
};

createServer(manners.wrap(nodeListener(routes))).listen(Number(port), '127.0.0.1');
