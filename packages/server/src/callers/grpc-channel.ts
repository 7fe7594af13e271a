/**
 * All connections to one target: its names resolved, its addresses balanced.
 *
 * 1. A call goes to the address with the fewest calls under way, among those that did not just fail to connect.
 * 2. A call that was not sent goes to another connection at once, a bounded number of times; one that may have been sent never.
 * 3. Names are resolved again now and then, and when an address fails: addresses come and go while the server runs.
 */
import type { OutgoingHttpHeaders } from 'node:http2';
import type { SecureContext } from 'node:tls';
import { describeCallFault } from './call-fault.js';
import { showEndpoint, type GrpcEndpoint } from './grpc-address.js';
import { GrpcConnection } from './grpc-connection.js';
import type { GrpcEnd } from './grpc-exchange.js';
import { resolveEndpoints, type ResolvedAddress } from './grpc-resolver.js';

export interface GrpcChannelOptions {
  readonly endpoints: readonly GrpcEndpoint[];
  readonly tls: SecureContext | undefined;
  readonly answerBytesMax: number;
}

/** A call that is out, or waits for an address. */
export interface ChannelCall {
  /** Gives it up. `isLate`: no answer came in time, and the connection is asked for a sign of life. */
  cancel(isLate: boolean): void;
}

interface Slot extends ResolvedAddress {
  readonly connections: Set<GrpcConnection>;
  failedUntil: number;
  failures: number;
}

const resolvedMs = 30_000;
const resolvedMsMin = 1_000;
const connectionsPerAddressMax = 8;
const attemptsMax = 3;
const failedMs = 1_000;
const failedMsMax = 20_000;

export class GrpcChannel {
  readonly #options: GrpcChannelOptions;
  #slots: readonly Slot[] = [];
  #resolvedAt = -Infinity;
  #resolving: Promise<void> | undefined;
  #turn = 0;
  #isClosed = false;

  constructor(options: GrpcChannelOptions) {
    this.#options = options;
  }

  call(headers: OutgoingHttpHeaders, frame: Buffer, ended: (end: GrpcEnd) => void): ChannelCall {
    const call = new RoutedCall(headers, frame, ended);
    if (performance.now() - this.#resolvedAt > resolvedMs) void this.#resolve();
    if (this.#slots.length > 0) this.#start(call);
    else void this.#startResolved(call);
    return call;
  }

  /** Lets the calls under way end. */
  close(): void {
    this.#isClosed = true;
    for (const { connections } of this.#slots) for (const connection of connections) connection.close();
  }

  destroy(): void {
    this.#isClosed = true;
    for (const { connections } of this.#slots) for (const connection of connections) connection.destroy();
  }

  async #startResolved(call: RoutedCall): Promise<void> {
    try {
      await this.#resolve();
      this.#start(call);
    } catch (error) {
      call.end({ kind: 'unsent', reason: describeCallFault(error) });
    }
  }

  /** Rejects only where there is no address at all; an answer that fails later leaves those that are known. */
  #resolve(): Promise<void> {
    this.#resolving ??= resolveEndpoints(this.#options.endpoints)
      .then(
        (addresses) => {
          this.#take(addresses);
        },
        (error: unknown) => {
          if (this.#slots.length === 0) throw error;
        },
      )
      .finally(() => {
        this.#resolvedAt = performance.now();
        this.#resolving = undefined;
      });
    return this.#resolving;
  }

  #take(addresses: readonly ResolvedAddress[]): void {
    const known = new Map(this.#slots.map((slot) => [keyOf(slot), slot]));
    this.#slots = addresses.map((address) => {
      const slot = known.get(keyOf(address));
      known.delete(keyOf(address));
      return slot ?? { ...address, connections: new Set(), failedUntil: 0, failures: 0 };
    });
    for (const { connections } of known.values()) for (const connection of connections) connection.close();
  }

  #start(call: RoutedCall): void {
    if (call.hasEnded) return;
    const slot = this.#pickSlot();
    if (this.#isClosed || slot === undefined) {
      call.end({ kind: 'unsent', reason: 'the caller is closed' });
      return;
    }
    const connection = this.#connectionTo(slot);
    call.attempts += 1;
    call.out = connection;
    call.giveUp = connection.call(call.headers, call.frame, this.#options.answerBytesMax, (end) => {
      const mayGoOn = end.kind === 'unsent' && call.attempts < attemptsMax && this.#hasOtherThan(slot);
      // Not from within the event that ended it: the connection is still being taken apart.
      if (mayGoOn)
        setImmediate(() => {
          this.#start(call);
        });
      else call.end(end);
    });
  }

  /** An address that did not fail just now; this one too where it only asked to leave. */
  #hasOtherThan(slot: Slot): boolean {
    const now = performance.now();
    return this.#slots.some((other) => (other !== slot || slot.failures === 0) && other.failedUntil <= now);
  }

  #pickSlot(): Slot | undefined {
    const now = performance.now();
    const healthy =
      this.#slots.length === 1 ? this.#slots : this.#slots.filter(({ failedUntil }) => failedUntil <= now);
    const candidates = healthy.length > 0 ? healthy : this.#slots;
    this.#turn += 1;
    let best: Slot | undefined;
    for (let index = 0; index < candidates.length; index += 1) {
      const slot = candidates[(index + this.#turn) % candidates.length];
      if (slot !== undefined && (best === undefined || loadOf(slot) < loadOf(best))) best = slot;
    }
    return best;
  }

  #connectionTo(slot: Slot): GrpcConnection {
    let best: GrpcConnection | undefined;
    for (const connection of slot.connections) {
      if (best === undefined || connection.load < best.load) best = connection;
    }
    if (best !== undefined && (best.hasRoom || slot.connections.size >= connectionsPerAddressMax)) return best;
    const peer = { address: slot.address, endpoint: slot.endpoint, tls: this.#options.tls };
    const connection = new GrpcConnection(peer, {
      opened: () => {
        slot.failures = 0;
        slot.failedUntil = 0;
      },
      gone: (hasFailed) => {
        slot.connections.delete(connection);
        if (hasFailed) this.#failed(slot);
      },
    });
    slot.connections.add(connection);
    return connection;
  }

  #failed(slot: Slot): void {
    slot.failedUntil = performance.now() + Math.min(failedMs * 2 ** slot.failures, failedMsMax);
    slot.failures += 1;
    if (performance.now() - this.#resolvedAt > resolvedMsMin && !this.#isClosed)
      void this.#resolve().catch(() => undefined);
  }
}

/** One call on its way through the channel. */
class RoutedCall implements ChannelCall {
  readonly headers: OutgoingHttpHeaders;
  readonly frame: Buffer;
  attempts = 0;
  out: GrpcConnection | undefined;
  giveUp: () => void = () => undefined;
  readonly #ended: (end: GrpcEnd) => void;
  #hasEnded = false;

  constructor(headers: OutgoingHttpHeaders, frame: Buffer, ended: (end: GrpcEnd) => void) {
    this.headers = headers;
    this.frame = frame;
    this.#ended = ended;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  end(end: GrpcEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#ended(end);
  }

  cancel(isLate: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.giveUp();
    if (isLate) this.out?.askForLife();
  }
}

function keyOf({ address, endpoint }: ResolvedAddress): string {
  return `${address} ${showEndpoint(endpoint)}`;
}

function loadOf({ connections }: Slot): number {
  let load = 0;
  for (const connection of connections) load += connection.load;
  return load;
}
