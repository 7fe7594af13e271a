/**
 * A program that calls the coordinator and its participants by itself, as SDKs do for TCC, XA and workflows. It repeats what got
 * no clear answer, and lives for some seconds at most: then it walks away, whatever is undecided.
 */
import type { CoordinatorWire, Members, Reply, Verb, WireName } from '../wires/coordinator-wire.js';
import type { Random } from '../random.js';
import { drawProtocol } from '../wires/branch-url.js';
import type { Told } from './told.js';

/** How a caller behaves; drawn once for a transaction. */
export interface CallerOrder {
  readonly protocol: WireName;
  /** Sends every request, and makes every call, twice. */
  readonly repeats: boolean;
  /** Dies before it makes one more; undefined: lives on. */
  readonly callsMax?: number;
}

/** Which operation of which branch a participant is called for. */
export interface Operation {
  readonly gid: string;
  readonly type: string;
  readonly branchId: string;
  readonly op: string;
}

export interface Answer {
  readonly kind: 'done' | 'refused' | 'unclear';
  readonly text: string;
}

const livesForMs = 9_000;
const triesMax = 4;
const pauseMs = 250;
const callTimeoutMs = 1_000;

/** Thrown where a caller dies: nothing of what it had begun is put right. */
export class WalkedAway extends Error {
  override readonly name = 'WalkedAway';
}

export function drawCaller(random: Random): CallerOrder {
  return {
    protocol: drawProtocol(random),
    repeats: random.chance(0.15),
    ...(random.chance(0.1) && { callsMax: random.integer(1, 6) }),
  };
}

/** See the file head. */
export class Caller {
  readonly #wire: CoordinatorWire;
  readonly #order: CallerOrder;
  readonly #diesAt = performance.now() + livesForMs;
  #calls = 0;

  constructor(wire: CoordinatorWire, order: CallerOrder) {
    this.#wire = wire;
    this.#order = order;
  }

  /** One request to the coordinator. Throws `WalkedAway`. */
  send(verb: Verb, members: Members): Promise<Reply> {
    return this.#insist(() => this.#wire.send(verb, members));
  }

  /** One call of a participant, by HTTP. Throws `WalkedAway`. */
  call(url: string, operation: Operation, payload: unknown): Promise<Answer> {
    return this.#insist(() => callParticipant(url, operation, payload));
  }

  async #insist<T extends { readonly kind: string }>(act: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    if (this.#calls > (this.#order.callsMax ?? Infinity)) throw new WalkedAway('it died');
    let isRepeatDue = this.#order.repeats;
    for (let tries = 1; ; tries += 1) {
      if (performance.now() > this.#diesAt) throw new WalkedAway('it took too long');
      const result = await act();
      if (result.kind === 'done' && isRepeatDue) {
        isRepeatDue = false;
        continue;
      }
      if (result.kind !== 'unclear' || tries >= triesMax) return result;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

async function callParticipant(url: string, { gid, type, branchId, op }: Operation, payload: unknown): Promise<Answer> {
  const query = new URLSearchParams({ gid, trans_type: type, branch_id: branchId, op });
  try {
    const response = await fetch(`${url}?${query.toString()}`, {
      method: 'POST',
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(callTimeoutMs),
    });
    const text = await response.text();
    if (response.ok) return { kind: 'done', text };
    return { kind: response.status === 409 ? 'refused' : 'unclear', text };
  } catch (error) {
    return { kind: 'unclear', text: String(error) };
  }
}

/** What a client is told by the reply to a submit. */
export function toldByReply({ kind, code, why }: Reply, waitResult: boolean): Told {
  switch (kind) {
    case 'done':
      return { kind: waitResult ? 'succeeded' : 'accepted', why: '' };
    case 'refused':
      return { kind: code === 'TRANSACTION_FAILED' ? 'failed' : 'refused', why: `${code} ${why}` };
    case 'ongoing':
      return { kind: 'ongoing', why };
    case 'unclear':
      return { kind: 'unknown', why };
  }
}

/** Runs what a caller does and answers how it ended; who walks away tells nothing. */
export async function untilWalkedAway(work: () => Promise<Told>): Promise<Told> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WalkedAway)) throw error;
    return { kind: 'unknown', why: error.message };
  }
}
