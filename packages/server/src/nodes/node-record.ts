/** What a node says of itself. */
export interface NodeFacts {
  /** Of this process start: the owner of its leases. */
  readonly id: string;
  /** `http://HOST:PORT` where it listens. */
  readonly http: string;
  /** `HOST:PORT`; empty where gRPC is turned off. */
  readonly grpc: string;
  /** Name of the machine. */
  readonly host: string;
  readonly pid: number;
  /** Its number among the processes of one start, from 1. */
  readonly worker: number;
  readonly version: string;
  /** UTC ms on the store's clock, as all times here. */
  readonly startedAt: number;
  /** How often it gives a sign of life. */
  readonly heartbeatMs: number;
}

/** A node as it is stored, under its slot. */
export interface NodeRecord extends NodeFacts {
  readonly seenAt: number;
  /** It has said that it ends. */
  readonly hasLeft: boolean;
}

/** A node as others see it. */
export interface NodeView extends NodeRecord {
  readonly isAlive: boolean;
}

/** Signs of life that may be missing before a node counts as gone. */
const missedMax = 3;

export function isAlive({ hasLeft, seenAt, heartbeatMs }: NodeRecord, now: number): boolean {
  return !hasLeft && now - seenAt <= missedMax * heartbeatMs;
}

export function encodeNode(record: NodeRecord): string {
  return JSON.stringify(record);
}

/** Undefined: it is none that this version can read. */
export function decodeNode(value: string): NodeRecord | undefined {
  try {
    const read = JSON.parse(value) as Partial<NodeRecord> | null;
    const { id, http, grpc, host, pid, worker, version, startedAt, heartbeatMs, seenAt, hasLeft } = read ?? {};
    const texts = [id, http, grpc, host, version].every((text) => typeof text === 'string');
    const numbers = [pid, worker, startedAt, heartbeatMs, seenAt].every(Number.isFinite);
    return texts && numbers && typeof hasLeft === 'boolean' ? (read as NodeRecord) : undefined;
  } catch {
    return undefined;
  }
}
