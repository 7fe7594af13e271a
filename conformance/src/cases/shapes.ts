import type { Scene } from '../scene.js';
import type { Members, WireName } from '../wire/wire.js';

export const everyWire: readonly WireName[] = ['http', 'grpc', 'json-rpc'];
/** Wires whose transactions are told apart by their bodies: a JSON-RPC branch gets an object with more members. */
export const byteWires: readonly WireName[] = ['http', 'grpc'];
export const httpOnly: readonly WireName[] = ['http'];
export const grpcOnly: readonly WireName[] = ['grpc'];
export const jsonRpcOnly: readonly WireName[] = ['json-rpc'];

export const payload = '{"amount":30}';

/** A saga whose actions have these names; `NAME-undo` compensates each. */
export function saga(scene: Scene, names: readonly string[], more: Members = {}): Members {
  return {
    trans_type: 'saga',
    steps: names.map((name) => ({ action: scene.url(name), compensate: scene.url(`${name}-undo`) })),
    payloads: names.map(() => payload),
    ...more,
  };
}

/** A message whose deliveries have these names; its back-check is `sent`. */
export function message(scene: Scene, names: readonly string[], more: Members = {}): Members {
  return {
    trans_type: 'msg',
    steps: names.map((name) => ({ action: scene.url(name) })),
    payloads: names.map(() => payload),
    query_prepared: scene.url('sent'),
    ...more,
  };
}

/** A branch of a TCC. */
export function tccBranch(scene: Scene, id: string, name: string, data = payload): Members {
  const urls = { confirm: scene.url(`${name}-confirm`), cancel: scene.url(`${name}-cancel`) };
  return { trans_type: 'tcc', branch_id: id, data, ...urls };
}

export function xaBranch(scene: Scene, id: string, name: string): Members {
  return { trans_type: 'xa', branch_id: id, url: scene.url(name) };
}
