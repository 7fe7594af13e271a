import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BranchFailure, BranchOngoing, branchHandler, type Client } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';

/** A service that does what it is told, and keeps what was called: `op branchId payload`. */
export interface SeatService {
  readonly url: string;
  readonly calls: string[];
  close(): void;
}

interface Asked {
  readonly seat: string;
  /** What to do about it. */
  readonly how?: 'refuse' | 'break' | 'wait' | 'drop';
}

/** `client` is for the branches that `/nesting` registers inside its try. */
export async function startSeatService(client?: Client): Promise<SeatService> {
  const calls: string[] = [];
  const seat = branchHandler<Asked>(
    ({ payload, op, branchId, request }) => {
      calls.push(`${op} ${branchId} ${payload.seat}`);
      if (op !== 'try' && op !== 'action') return undefined;
      if (payload.how === 'refuse') throw new BranchFailure(`${payload.seat} is taken`);
      if (payload.how === 'wait') throw new BranchOngoing('not yet');
      if (payload.how === 'break') throw new Error('broken');
      return { held: payload.seat, tenant: request.headers.get('x-tenant') };
    },
    { onError: () => undefined },
  );
  let url = '';
  const nesting = branchHandler<Asked>(async (call): Promise<unknown> => {
    calls.push(`${call.op} ${call.branchId} ${call.payload.seat}`);
    if (call.op !== 'try' || client === undefined) return undefined;
    return client.nestedTcc(call, (tcc) =>
      tcc.branch('inner', {
        try: `${url}/seat`,
        confirm: `${url}/seat`,
        cancel: `${url}/seat`,
        payload: { seat: 'inner' },
      }),
    );
  });
  const server = createServer(nodeListener({ '/seat': seat, '/nesting': nesting }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    calls,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
