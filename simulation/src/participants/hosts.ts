import type { BranchCall } from '@tandem/coordinator';
import type { BranchResult } from '@tandem/protocol';
import { Participant, type ParticipantSurroundings } from './participant.js';

const refused: BranchResult = { kind: 'unknown', reason: 'connection refused', isUnreachable: true };

/** The participants by their host's name, and whether they can be reached. */
export class Hosts {
  readonly participants: readonly Participant[];
  readonly #around: ParticipantSurroundings;
  readonly #down = new Map<number, number>();
  readonly #hanging = new Map<number, number>();

  constructor(count: number, around: ParticipantSurroundings) {
    this.#around = around;
    this.participants = Array.from({ length: count }, (_, host) => new Participant(host, around));
  }

  of(name: string): Participant | undefined {
    return this.participants[Number(name.slice(1))];
  }

  /** One more reason, or one less, for a host to be away. */
  change(host: number, kind: 'hostDown' | 'hostHangs', by: 1 | -1): void {
    const reasons = kind === 'hostDown' ? this.#down : this.#hanging;
    reasons.set(host, (reasons.get(host) ?? 0) + by);
  }

  /** A call has reached its host, who may answer at once, later, or never. */
  arrive(name: string, call: BranchCall, answer: (result: BranchResult) => void): void {
    const participant = this.of(name);
    if (participant === undefined) {
      answer(refused);
      return;
    }
    if ((this.#hanging.get(participant.host) ?? 0) > 0) {
      this.#around.tally.count('hostHangs');
      return;
    }
    if ((this.#down.get(participant.host) ?? 0) > 0) {
      this.#around.tally.count('hostDown');
      this.#around.tally.count('callRefused');
      answer(refused);
      return;
    }
    participant.handle(call, answer);
  }
}
