import type { CoordinatorWire, WireName } from './coordinator-wire.js';
import { GrpcWire } from './grpc-wire.js';
import { HttpWire } from './http-wire.js';
import { JsonRpcWire } from './json-rpc-wire.js';

export interface CoordinatorAddress {
  readonly url: string;
  /** host:port */
  readonly grpc: string;
}

export type CoordinatorWires = Readonly<Record<WireName, CoordinatorWire>>;

/** One coordinator over each wire. */
export function coordinatorWires({ url, grpc }: CoordinatorAddress): CoordinatorWires {
  return { http: new HttpWire(url), grpc: new GrpcWire(grpc), 'json-rpc': new JsonRpcWire(url) };
}
