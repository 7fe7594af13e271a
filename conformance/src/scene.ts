/**
 * What a case has to play with: the server on every wire, participants of its own, a gid of its own.
 *
 * Branches are named (`debit`), and the scene makes URLs of the names for the wire that the case runs on: http:// on
 * HTTP, host:port/service/method on gRPC, JSON-RPC methods on JSON-RPC.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Call } from './participants/call.js';
import type { Participants } from './participants/participants.js';
import { GrpcWire } from './wire/grpc-wire.js';
import { HttpWire } from './wire/http-wire.js';
import { JsonRpcWire } from './wire/json-rpc-wire.js';
import type { Members, Reply, Verb, Wire, WireName } from './wire/wire.js';

export interface Wires {
  readonly http: HttpWire;
  readonly grpc: GrpcWire | undefined;
  readonly jsonRpc: JsonRpcWire;
}

/** A server at its addresses: a URL without a path, and host:port of gRPC where it has that. */
export function wiresOf(server: { readonly http: string; readonly grpc: string | undefined }): Wires {
  const http = new HttpWire(server.http.replace(/\/$/, ''));
  const grpc = server.grpc === undefined ? undefined : new GrpcWire(server.grpc);
  return { http, grpc, jsonRpc: new JsonRpcWire(http) };
}

const pollMs = 40;
/** A server that polls its store every second or three must have had the time. */
const patienceMs = 20_000;

export class Scene {
  readonly id = `S${randomUUID().replaceAll('-', '')}`;
  readonly gid = `conformance-${randomUUID()}`;
  readonly http: HttpWire;
  readonly jsonRpc: JsonRpcWire;
  readonly #calls: Call[] = [];
  readonly #answers = new Map<string, Answer[]>();

  constructor(
    private readonly wires: Wires,
    private readonly participants: Participants,
    readonly wireName: WireName,
  ) {
    this.http = wires.http;
    this.jsonRpc = wires.jsonRpc;
    participants.serve(this.id, (call) => this.#answer(call));
  }

  get grpc(): GrpcWire {
    if (this.wires.grpc === undefined) throw new Error('no gRPC address was given');
    return this.wires.grpc;
  }

  /** The wire that this run of the case is about. */
  get wire(): Wire {
    if (this.wireName === 'grpc') return this.grpc;
    return this.wireName === 'http' ? this.http : this.jsonRpc;
  }

  /** Answers of one branch, one call after another; the last one stays. Without this: success. */
  answer(name: string, ...answers: readonly Answer[]): void {
    this.#answers.set(name, [...answers]);
  }

  url(name: string, via: WireName = this.wireName): string {
    return name === '' ? '' : this.participants.url(via, this.id, name);
  }

  /** Sends a request of this scene's gid (unless another is given) over the wire of this run. */
  send(verb: Verb, members: Members): Promise<Reply> {
    const protocol = this.wireName === 'json-rpc' ? { protocol: 'json-rpc' } : {};
    return this.wire.send(verb, { gid: this.gid, ...(verb === 'registerBranch' ? {} : protocol), ...members });
  }

  /** Calls of one branch, or of all, in the order in which they came. */
  calls(name?: string): readonly Call[] {
    return this.#calls.filter((call) => name === undefined || call.name === name);
  }

  /** `debit 01 action`, one for each call. */
  log(): readonly string[] {
    return this.#calls.map(({ name, branchId, op }) => `${name} ${branchId} ${op}`);
  }

  /** The transaction as `query` tells it, or undefined. */
  async transaction(gid = this.gid): Promise<Members | undefined> {
    const { body } = await this.http.get(`query?gid=${encodeURIComponent(gid)}`);
    return (body as { transaction?: Members | null } | undefined)?.transaction ?? undefined;
  }

  async status(gid = this.gid): Promise<string> {
    const status = (await this.transaction(gid))?.['status'];
    return typeof status === 'string' ? status : 'absent';
  }

  /** The final status, or the last one seen when nothing ends it. */
  async settled(limitMs = patienceMs, gid = this.gid): Promise<string> {
    let status = 'absent';
    await this.until(async () => {
      status = await this.status(gid);
      return status === 'succeed' || status === 'failed';
    }, limitMs);
    return status;
  }

  /** Waits until something is so; answers whether it came to be. */
  async until(isSo: () => boolean | Promise<boolean>, limitMs = patienceMs): Promise<boolean> {
    const endsAt = performance.now() + limitMs;
    while (!(await isSo())) {
      if (performance.now() > endsAt) return false;
      await delay(pollMs);
    }
    return true;
  }

  called(name: string, times = 1, limitMs = patienceMs): Promise<boolean> {
    return this.until(() => this.calls(name).length >= times, limitMs);
  }

  /** For what must not happen: time in which it would have. */
  quiet(ms: number): Promise<void> {
    return delay(ms);
  }

  #answer(call: Call): Answer {
    this.#calls.push(call);
    const answers = this.#answers.get(call.name) ?? [];
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? 'success';
  }
}
