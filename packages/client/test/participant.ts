import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from '@photostructure/sqlite';
import {
  backCheckHandler,
  branchHandler,
  BranchFailure,
  BranchOngoing,
  type Barrier,
  type BarrierResult,
  type RequestHandler,
} from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';

/** A service with one account in a database of its own, and the barrier on. */
export interface Participant {
  readonly url: string;
  /** Every branch call in the order of its end: `path op branchId outcome`. */
  readonly calls: readonly string[];
  /** Request headers of the last branch call. */
  readonly lastHeaders: () => Headers;
  /** When it came, by `performance.now()`. */
  readonly lastCallAt: () => number;
  balance(): number;
  /** The local transaction of a message. */
  pay(barrier: Barrier, amount: number): Promise<BarrierResult<number>>;
  close(): void;
}

/** Serves handlers by their paths, for GET and POST. */
export type Serve = (routes: Readonly<Record<string, RequestHandler>>) => Promise<Served>;

export interface Served {
  readonly url: string;
  close(): unknown;
}

export async function startParticipant(serve: Serve = byNodeHttp): Promise<Participant> {
  const connection = new DatabaseSync(':memory:');
  createBarrierTable(connection);
  connection.exec('create table account (balance integer); insert into account values (0)');
  const db = sqlite(connection);
  const calls: string[] = [];
  let lastHeaders = new Headers();
  let lastCallAt = NaN;
  const add = (amount: number): number => {
    connection.prepare('update account set balance = balance + ?').run(amount);
    return amount;
  };
  const adding = (name: string, sign: number) =>
    branchHandler<{ readonly amount: number }>(async ({ payload, barrier, op, branchId, request }) => {
      lastHeaders = request.headers;
      lastCallAt = performance.now();
      const result = await barrier.transaction(db, () => add(sign * payload.amount));
      calls.push(`${name} ${op} ${branchId} ${result.done ? 'done' : result.skipped}`);
    });
  let isReady = false;
  const served = await serve({
    '/add': adding('add', 1),
    '/undo': adding('undo', -1),
    '/refuse': branchHandler(() => {
      throw new BranchFailure('sold out');
    }),
    '/ongoing': branchHandler(() => {
      if (!isReady) throw new BranchOngoing('later');
    }),
    '/ready': async () => {
      isReady = true;
      return Response.json({});
    },
    '/broken': branchHandler(
      () => {
        throw new Error('broken');
      },
      { onError: () => undefined },
    ),
    '/check': backCheckHandler(db),
  });
  return {
    url: served.url,
    calls,
    lastHeaders: () => lastHeaders,
    lastCallAt: () => lastCallAt,
    balance: () => (connection.prepare('select balance from account').get() as { balance: number }).balance,
    pay: (barrier, amount) => barrier.transaction(db, () => add(-amount)),
    close: () => {
      void served.close();
      connection.close();
    },
  };
}

const byNodeHttp: Serve = (routes) => listening(createServer(nodeListener(routes)));

/** Starts a server of Node, and says where it is. */
export async function listening(server: Server): Promise<Served> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
