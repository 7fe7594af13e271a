import { parseRegistration } from '@tandem/protocol';
import type { World } from '../world.js';
import type { Told } from './send-asks.js';

/** What is registered, as it goes over the wire. */
export interface RegistrationBody {
  readonly gid: string;
  readonly trans_type: string;
  readonly branch_id: string;
  readonly data: string;
  readonly [name: string]: string;
}

export interface RegisterOptions {
  /** Under which operation its row is kept. */
  readonly op: string;
  /** The node that is asked first; repeats go to the next. */
  readonly place: number;
  readonly triesMax: number;
}

const againMs = 700;
/** What a repeat at another node would not change. */
const final = new Set(['WRONG_STATUS', 'STEP_ALREADY_RECORDED', 'ALREADY_FINISHED', 'NOT_FOUND']);

/** Asks again a few times; `heard` is told once: of the first clear answer, or NO_ANSWER. */
export function registerBranch(
  world: World,
  body: RegistrationBody,
  { op, place, triesMax }: RegisterOptions,
  heard: (answer: Told) => void,
): void {
  let isOver = false;
  const hear = (answer: Told): void => {
    if (isOver) return;
    isOver = true;
    heard(answer);
  };
  const send = (tries: number): void => {
    if (isOver) return;
    if (tries > triesMax) {
      hear({ kind: 'refused', code: 'NO_ANSWER' });
      return;
    }
    const { gid, branch_id: branchId, data } = body;
    const registers = { branchId, op, payload: data, status: body['status'] ?? 'prepared' };
    world.doors.ask(
      {
        place: (place + tries) % world.draw.nodes,
        verb: 'registerBranch',
        gid,
        registers,
        note: `${branchId} ${op}`,
      },
      async (coordinator) => {
        const { gid: id, registration } = parseRegistration(body);
        return coordinator.registerBranch(id, registration);
      },
      (answer) => {
        if (answer.kind === 'done' || final.has(answer.code)) hear(answer);
      },
    );
    world.time.in(againMs, () => {
      send(tries + 1);
    });
  };
  send(1);
}
