/** The way of a client to the coordinator, as over HTTP: lost connections are repeated, timeouts are not. */
import { CoordinatorUnreachable, InvalidUse, type CoordinatorAnswer, type CoordinatorPort } from '@tandem/client';
import type { Boundaries } from '../faults/boundaries.js';
import type { Fault } from '../faults/fault.js';
import type { CoordinatorNode } from './coordinator-node.js';
import type { Network } from './network.js';
import { never, type Place } from './place.js';
import type { Story } from './story.js';
import { typeName } from './type-name.js';
import type { UserCode } from './user-code.js';

export interface DoorParts {
  readonly boundaries: Boundaries;
  readonly code: UserCode;
  readonly network: Network;
  readonly story: Story;
  /** The coordinator that is up; undefined: none is. */
  node(): CoordinatorNode | undefined;
  died(from: Place, repeats: boolean): void;
  /** The code is wrong: no run can go on. */
  broken(error: Error): void;
  sleep(ms: number): Promise<void>;
}

/** One request, and how a coordinator is asked it. */
interface Asked {
  readonly title: string;
  readonly gid: string | undefined;
  readonly act: (port: CoordinatorPort) => Promise<CoordinatorAnswer>;
}

const repeats = 3;
const firstPauseMs = 100;
const timeoutMs = 10_000;
const onTheWay: readonly Fault[] = ['lost', 'answer lost', 'twice', 'again', 'late'];
const deaths: readonly Fault[] = [
  'process dies before',
  'process dies after',
  'dies and repeats before',
  'dies and repeats after',
];

class ConnectionLost extends Error {}

export class CoordinatorDoor {
  readonly #parts: DoorParts;
  #open = 0;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** Verbs that wait for their answer. */
  get open(): number {
    return this.#open;
  }

  /** What a client in that place speaks to. */
  portFrom(from: Place): CoordinatorPort {
    const { code } = this.#parts;
    return {
      apiUrl: '',
      post: (verb, body, options) => {
        const type = typeof body['trans_type'] === 'string' ? body['trans_type'] : '';
        const title = `${verb} of the ${typeName(type)}`;
        const sent = { title, gid: options.gid, act: (port: CoordinatorPort) => port.post(verb, body, options) };
        return code.wait(this.#send(from, sent));
      },
      query: (gid, options) =>
        code.wait(this.#ask(from, { title: 'query', gid, act: (port) => port.query(gid, options) })),
    };
  }

  async #send(from: Place, asked: Asked): Promise<CoordinatorAnswer> {
    if (from.hasDied()) return never();
    this.#checkPlace(from);
    const { boundaries, network } = this.#parts;
    const late = (): void => {
      network.late.push({ title: asked.title, deliver: () => this.#once(asked).catch(() => undefined) });
    };
    const lost = async (): Promise<never> => {
      await this.#parts.sleep(timeoutMs);
      throw unreachable(asked, `no answer within ${timeoutMs} ms`);
    };
    const fault = boundaries.reach(asked.title, from.canDie ? [...deaths, ...onTheWay] : onTheWay);
    switch (fault) {
      case 'process dies before':
      case 'dies and repeats before':
        this.#parts.died(from, fault === 'dies and repeats before');
        return never();
      case 'process dies after':
      case 'dies and repeats after':
        await this.#ask(from, asked).catch(() => undefined);
        this.#parts.died(from, fault === 'dies and repeats after');
        return never();
      case 'lost':
        return lost();
      case 'answer lost':
        await this.#ask(from, asked).catch(() => undefined);
        return lost();
      case 'twice': {
        const [first] = await Promise.allSettled([this.#ask(from, asked), this.#ask(from, asked)]);
        if (first.status === 'rejected') throw first.reason;
        return first.value;
      }
      case 'again':
        late();
        return this.#ask(from, asked);
      case 'late':
        late();
        return lost();
      default:
        return this.#ask(from, asked);
    }
  }

  /** Where the process uses the client of the services, its deaths would not be seen, and its memory would outlive them. */
  #checkPlace(from: Place): void {
    const asking = this.#parts.code.currentPlace;
    if (asking?.canDie !== true || from.canDie) return;
    const told = 'run uses the client of setUp, whose owner never dies: use the client that run and start are given';
    this.#parts.broken(new InvalidUse('INVALID_OPTION', `${told}, and make workflows in start`));
  }

  /** Repeats what a lost connection makes unclear, as the client does by HTTP. */
  async #ask(from: Place, asked: Asked): Promise<CoordinatorAnswer> {
    for (let repeat = 0; ; repeat += 1) {
      if (from.hasDied()) return never();
      try {
        const answer = await this.#once(asked);
        return from.hasDied() ? await never() : answer;
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        if (repeat === repeats) throw unreachable(asked, error.message);
        await this.#parts.sleep(firstPauseMs * 2 ** repeat);
      }
    }
  }

  async #once({ title, act }: Asked): Promise<CoordinatorAnswer> {
    const { story } = this.#parts;
    const node = this.#parts.node();
    if (node === undefined) {
      story.tell(`${title}: the coordinator is down`);
      throw new ConnectionLost('connection refused');
    }
    const death = new Promise<never>((_, reject) => {
      node.place.onDeath(() => reject(new ConnectionLost('connection lost')));
    });
    this.#open += 1;
    try {
      const answer = await Promise.race([act(node.port), death]);
      story.tell(`${title}: ${answer.status}${reasonIn(answer)}`);
      return answer;
    } finally {
      this.#open -= 1;
    }
  }
}

function reasonIn({ status, body }: CoordinatorAnswer): string {
  const message = status === 200 ? undefined : body?.['message'];
  return typeof message === 'string' ? ` ${message}` : '';
}

function unreachable({ gid }: Asked, said: string): CoordinatorUnreachable {
  return new CoordinatorUnreachable(`no coordinator (${said})`, gid);
}
