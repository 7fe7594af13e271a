import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { GrpcEndpoint } from './grpc-address.js';

/** An address of an endpoint. */
export interface ResolvedAddress {
  readonly address: string;
  readonly endpoint: GrpcEndpoint;
}

const addressesMax = 64;

/** Every address of every endpoint, as the system resolves names. Rejects where none has any. */
export async function resolveEndpoints(endpoints: readonly GrpcEndpoint[]): Promise<readonly ResolvedAddress[]> {
  const answers = await Promise.allSettled(endpoints.map(resolveOne));
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length > 0) return found.slice(0, addressesMax);
  const failure = answers.find((answer) => answer.status === 'rejected');
  throw failure?.reason instanceof Error ? failure.reason : new Error('the name has no address');
}

async function resolveOne(endpoint: GrpcEndpoint): Promise<readonly ResolvedAddress[]> {
  if (isIP(endpoint.host) !== 0) return [{ address: endpoint.host, endpoint }];
  const addresses = await lookup(endpoint.host, { all: true });
  return addresses.map(({ address }) => ({ address, endpoint }));
}
