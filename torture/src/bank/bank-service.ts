/**
 * One bank: a service of its own with a database of its own, over HTTP, JSON-RPC and gRPC.
 * `node bank-service.js NAME PORT GRPC_PORT DATABASE COORDINATOR COORDINATOR_GRPC`
 *
 * What it serves to transactions comes from their kinds; `/control/` is for the run that tortures it.
 */
import { createServer } from 'node:http';
import { createClient, type RequestHandler } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { transactionKinds } from '../kinds/catalogue.js';
import { jsonRpcPath } from '../wires/branch-url.js';
import { coordinatorWires } from '../wires/coordinator-wires.js';
import { Bank } from './bank.js';
import { grpcDoor } from './grpc-door.js';
import { jsonRpcDoor } from './json-rpc-door.js';
import { MannersOfBank, type MannersOrder } from './manners.js';

const [name = '', port = '', grpcPort = '', databasePath = '', url = '', grpc = ''] = process.argv.slice(2);

const bank = new Bank({
  name,
  databasePath,
  client: createClient({ url, timeout: '4s' }),
  wires: coordinatorWires({ url, grpc }),
  hasBarrier: process.env['TORTURE_SABOTAGE'] !== 'no-barrier',
});
const manners = new MannersOfBank();

const setManners: RequestHandler = async (request) => {
  manners.set((await request.json()) as MannersOrder);
  return Response.json({});
};

const branches = Object.fromEntries(transactionKinds.flatMap((kind) => Object.entries(kind.routes(bank))));
const routes: Readonly<Record<string, RequestHandler>> = {
  ...branches,
  [jsonRpcPath]: jsonRpcDoor(branches),
  '/control/ready': async () => Response.json({ name }),
  '/control/manners': setManners,
};

const http = createServer(manners.wrap(nodeListener(routes)));
// It is ready when it answers over HTTP; by then it serves the other wire too.
grpcDoor(branches, manners).listen(Number(grpcPort), '127.0.0.1', () => http.listen(Number(port), '127.0.0.1'));
