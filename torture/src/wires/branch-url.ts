import type { Random } from '../random.js';
import type { WireName } from './coordinator-wire.js';

/** Where a bank is called. */
export interface BankAddress {
  readonly name: string;
  readonly url: string;
  /** `grpc://host:port` */
  readonly grpcUrl: string;
}

/** What banks serve their JSON-RPC methods at; a method has the name of the path that it stands for. */
export const jsonRpcPath = '/json-rpc';

/** The URL under which a coordinator calls what a bank serves at `path`, over that wire. */
export function branchUrl(bank: BankAddress, path: string, wire: WireName): string {
  switch (wire) {
    case 'http':
      return bank.url + path;
    case 'grpc':
      return bank.grpcUrl + path;
    case 'json-rpc':
      return `${bank.url}${jsonRpcPath}?method=${encodeURIComponent(path)}`;
  }
}

/** A wire for one branch of a transaction of that protocol: JSON-RPC branches need a transaction of their own protocol. */
export function drawBranchWire(protocol: WireName, random: Random): WireName {
  return random.pick(protocol === 'json-rpc' ? (['http', 'grpc', 'json-rpc'] as const) : (['http', 'grpc'] as const));
}

/** What a caller speaks to the coordinator: mostly HTTP. */
export function drawProtocol(random: Random): WireName {
  return random.pick(['http', 'http', 'grpc', 'json-rpc'] as const);
}
