import { readGrpcAnswer, type BranchResult } from '@tandem/protocol';
import type { Connection } from '../coordinator/connection.js';
import { BranchUnclear, saidBy } from '../errors.js';
import type { ParticipantCall } from './call-participant.js';
import type { GrpcCalls } from './grpc-calls.js';
import { invalidOption } from '../option-names.js';

/** What a participant answered by gRPC; the value is its message as bytes, undefined where that is empty. */
export async function callByGrpc(
  connection: Pick<Connection, 'coordinator'>,
  call: ParticipantCall<unknown>,
): Promise<{ readonly result: BranchResult; readonly value: unknown }> {
  const { owner, gid, url, parameters, headers, timeoutMs, body = '' } = call;
  const grpc = grpcCallsOf(connection, owner);
  const names = Object.entries(parameters).map(([name, value]) => [`dtm-${name}`, value]);
  const metadata = { ...headers, ...(Object.fromEntries(names) as Record<string, string>) };
  const payload = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  try {
    const reply = await grpc.call({ url, payload, metadata, timeoutMs });
    const value = reply.payload.byteLength === 0 ? undefined : reply.payload;
    return { result: readGrpcAnswer(reply.code, reply.message), value };
  } catch (error) {
    throw new BranchUnclear(gid, `${owner} could not be called at ${url}: ${saidBy(error)}`, error);
  }
}

/** Throws `INVALID_OPTION` where the client has no way to call by gRPC. */
export function grpcCallsOf({ coordinator }: Pick<Connection, 'coordinator'>, owner: string): GrpcCalls {
  if (coordinator.grpc !== undefined) return coordinator.grpc;
  const hint = 'make the client with grpcCoordinator of @tandem/client/grpc';
  throw invalidOption(`${owner} is called by gRPC: ${hint}`);
}
