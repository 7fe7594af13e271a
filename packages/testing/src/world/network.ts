/**
 * The way to services: from the coordinator, and from the user's code. Each call is a boundary, and may be hurt there.
 *
 * N1. What left a process that has died goes on without it, and its answer comes to nobody.
 * N2. What was lost by a fault `late` is delivered when all has come to its end.
 */
import { never, type Place } from './place.js';
import { branchMessage, faultsOf, requestOf, type BranchMessage } from './branch-message.js';
import type { Boundaries } from '../faults/boundaries.js';
import type { ServedUrls } from './services.js';
import type { Story } from './story.js';
import { Stopped, type UserCode } from './user-code.js';

/** What the network tells the world. */
export interface NetworkEvents {
  /** A fault that a process dies of. */
  died(from: Place, repeats: boolean): void;
  /** The setting is wrong, or the code is: no run can go on. */
  broken(error: Error): void;
  /** A workflow sleeps until then, UTC ms. */
  sleeps(gid: string, until: number): void;
  /** Rejects when that has passed. */
  timeout(ms: number): Promise<never>;
}

export interface NetworkParts {
  readonly boundaries: Boundaries;
  readonly served: ServedUrls;
  readonly code: UserCode;
  readonly story: Story;
  readonly on: NetworkEvents;
}

/** As long as a client waits for a participant. */
const clientTimeoutMs = 10_000;

export class Network {
  /** What arrives after the end. */
  readonly late: { readonly title: string; readonly deliver: () => Promise<unknown> }[] = [];
  readonly #parts: NetworkParts;
  /** Branch operations that are refused without being asked again. */
  readonly #refused = new Set<string>();
  /** Branches whose undo was delivered: only of these a first call may come late, since nothing could undo it elsewhere. */
  readonly #undone = new Set<string>();
  #calls = 0;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** How many calls were delivered. */
  get calls(): number {
    return this.#calls;
  }

  /** A `fetch` for who calls from there. */
  fetchFrom(from: Place, fromCode: boolean): typeof fetch {
    return (input, init) => {
      const sent = branchMessage(input, init).then((message) => this.#send(from, fromCode, message));
      return fromCode ? this.#parts.code.wait(sent) : sent;
    };
  }

  async #send(from: Place, fromCode: boolean, message: BranchMessage): Promise<Response> {
    if (from.hasDied()) return never();
    const { boundaries, on } = this.#parts;
    const lost = (): Promise<never> => (fromCode ? on.timeout(clientTimeoutMs) : never());
    if (this.#refused.has(message.key)) return this.#refuse(message);
    const faults = faultsOf(message, fromCode).filter((fault) => from.canDie || !fault.includes('dies'));
    const fault = boundaries.reach(message.title, faults);
    switch (fault) {
      case undefined:
        return this.#answered(from, message);
      case 'coordinator dies before':
      case 'process dies before':
      case 'dies and repeats before':
        on.died(from, fault === 'dies and repeats before');
        return never();
      case 'coordinator dies after':
      case 'process dies after':
      case 'dies and repeats after':
        await this.#deliver(message).catch(() => undefined);
        on.died(from, fault === 'dies and repeats after');
        return never();
      case 'lost':
        return lost();
      case 'answer lost':
        await this.#deliver(message).catch(() => undefined);
        return lost();
      case 'twice': {
        const [first] = await Promise.allSettled([this.#deliver(message), this.#deliver(message)]);
        if (first.status === 'rejected') throw first.reason;
        return first.value;
      }
      case 'again':
        this.#deliverLate(message);
        return this.#answered(from, message);
      case 'late':
        this.#deliverLate(message);
        return lost();
      case 'refused':
        return this.#refuse(message);
      case 'refused and late':
        this.#deliverLate(message, () => this.#undone.has(message.branch));
        this.#refused.add(message.key);
        return this.#refuse(message);
    }
  }

  async #answered(from: Place, message: BranchMessage): Promise<Response> {
    const response = await this.#deliver(message);
    return from.hasDied() ? never() : response;
  }

  #refuse({ title }: BranchMessage): Response {
    this.#parts.story.tell(`${title}: refused without being asked (409)`);
    return Response.json({ dtm_result: 'FAILURE', message: 'refused by the test kit' }, { status: 409 });
  }

  #deliverLate(message: BranchMessage, isSent = (): boolean => true): void {
    this.late.push({
      title: message.title,
      deliver: async () => {
        if (isSent()) await this.#deliver(message);
      },
    });
  }

  /** Calls the handler. Rejects as `fetch` does where nobody answers. */
  async #deliver(message: BranchMessage): Promise<Response> {
    const { served, code, story } = this.#parts;
    this.#calls += 1;
    if (['compensate', 'rollback'].includes(message.op)) this.#undone.add(message.branch);
    const to = this.#recipient(served, message);
    if (to.place.hasDied()) {
      story.tell(`${message.title}: nobody there`);
      throw new TypeError('fetch failed: connection refused');
    }
    try {
      const response = await code.run(message.title, to.place, async () => {
        const answer = await to.handler(requestOf(message));
        const text = await answer.text();
        return { text, answer: new Response(text === '' ? null : text, answer) };
      });
      story.tell(`${message.title}: ${response.answer.status}${saidIn(response.text)}`);
      this.#look(message, response.answer.status, response.text);
      return response.answer;
    } catch (error) {
      if (error instanceof Stopped) {
        story.tell(`${message.title}: stopped in the middle`);
        throw new TypeError('fetch failed: connection lost', { cause: error });
      }
      // As any server would answer.
      story.tell(`${message.title}: threw ${String(error)}`);
      return new Response(null, { status: 500 });
    }
  }

  #recipient(served: ServedUrls, message: BranchMessage): ReturnType<ServedUrls['at']> {
    try {
      return served.at(message.url);
    } catch (error) {
      this.#parts.on.broken(error as Error);
      throw error;
    }
  }

  #look({ gid }: BranchMessage, status: number, text: string): void {
    const until = status === 425 ? /it sleeps until (\S+Z)/.exec(text)?.[1] : undefined;
    if (until !== undefined) this.#parts.on.sleeps(gid, Date.parse(until));
    if (status === 500 && text.includes('"WORKFLOW_CHANGED"')) {
      this.#parts.on.broken(new Error(`the code of a workflow changes from run to run: ${saidIn(text).trim()}`));
    }
  }
}

function saidIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' ? ` ${message}` : '';
  } catch {
    return '';
  }
}
