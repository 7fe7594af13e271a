/** Where verbs come in: the way from a client to a node and back, and what each answer has to stand up to. */
import type { Coordinator } from '@tandem/coordinator';
import { TandemError } from '@tandem/protocol';
import type { Network, Way } from '../network.js';
import type { Place } from '../nodes/place.js';
import type { Process } from '../nodes/process.js';
import type { AnswerOracle, Asked, VerbName } from '../oracles/answer-oracle.js';
import type { Registers } from '../oracles/progress-oracle.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Transcript } from '../transcript.js';
import type { Told } from './send-asks.js';

export interface Ask {
  readonly place: number;
  readonly verb: VerbName;
  readonly gid: string;
  /** Of a registration. */
  readonly registers?: Registers;
  /** It asks for other content than what is stored. */
  readonly isOther?: boolean;
  /** For the transcript. */
  readonly note: string;
}

type Act = (coordinator: Coordinator) => Promise<unknown>;

const there: Way = { lost: 'verbLost', late: 'callLate', doubled: 'verbDuplicated' };
const back: Way = { lost: 'verbAnswerLost', late: 'answerLate', doubled: undefined };

export class Doors {
  /** Verbs that a living process has taken and not answered. */
  readonly unanswered = new Map<Process, number>();
  readonly #places: readonly Place[];
  readonly #network: Network;
  readonly #oracle: AnswerOracle;
  readonly #transcript: Transcript;
  readonly #randomOf: (gid: string) => SeededRandom;

  constructor(around: {
    places: readonly Place[];
    network: Network;
    oracle: AnswerOracle;
    transcript: Transcript;
    randomOf: (gid: string) => SeededRandom;
  }) {
    this.#places = around.places;
    this.#network = around.network;
    this.#oracle = around.oracle;
    this.#transcript = around.transcript;
    this.#randomOf = around.randomOf;
  }

  /** Asks a node for something; `told` hears what arrives of the answers. */
  ask(ask: Ask, act: Act, told: (answer: Told) => void): void {
    const random = this.#randomOf(ask.gid);
    this.#network.send(random, there, '', () => {
      const node = this.#places[ask.place]?.node;
      if (node === undefined || node.process.isDead) {
        told({ kind: 'refused', code: 'CONNECTION_REFUSED' });
        return;
      }
      const { process, coordinator } = node;
      process.enters('verb', () => {
        this.#take(ask, process, act(coordinator), (answer) => {
          this.#network.answer(random, back, () => {
            told(answer);
          });
        });
      });
    });
  }

  #take(ask: Ask, process: Process, result: Promise<unknown>, reply: (answer: Told) => void): void {
    const asked = this.#oracle.asked(ask);
    const name = `${ask.verb} ${ask.gid}`;
    this.#transcript.say(process.name, () => `<- ${name} ${ask.note}`);
    this.#unanswered(process, 1);
    result.then(
      (value) => {
        this.#unanswered(process, -1);
        if (!process.leaves('verbAnswered')) return;
        this.#transcript.say(process.name, () => `-> ${name} ${textOf(value)}`);
        this.#oracle.answered(asked, value);
        reply({ kind: 'done', value });
      },
      (error: unknown) => {
        this.#refused(process, asked, error, name);
        reply({ kind: 'refused', code: error instanceof TandemError ? error.code : 'INTERNAL' });
      },
    );
  }

  #refused(process: Process, asked: Asked, error: unknown, name: string): void {
    this.#unanswered(process, -1);
    if (!process.leaves('verbAnswered')) return;
    this.#transcript.say(process.name, () => `-> ${name} refused: ${String(error)}`);
    this.#oracle.refused(asked, error);
  }

  #unanswered(process: Process, change: number): void {
    this.unanswered.set(process, (this.unanswered.get(process) ?? 0) + change);
  }
}

function textOf(value: unknown): string {
  if (value === undefined) return 'done';
  return JSON.stringify(value).slice(0, 100);
}
