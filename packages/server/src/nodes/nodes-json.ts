import type { NodeView } from './node-record.js';

/** The nodes as HTTP and JSON-RPC show them. */
export function nodesJson(nodes: readonly NodeView[]) {
  return { nodes: nodes.map(nodeJson) };
}

function nodeJson({ id, http, grpc, host, pid, worker, version, startedAt, seenAt, isAlive, hasLeft }: NodeView) {
  return {
    id,
    is_alive: isAlive,
    has_left: hasLeft,
    http,
    grpc,
    host,
    pid,
    worker,
    version,
    start_time: new Date(startedAt).toISOString(),
    seen_time: new Date(seenAt).toISOString(),
  };
}
