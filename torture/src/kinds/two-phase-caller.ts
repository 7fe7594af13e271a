/** What the caller of a TCC and of an XA does alike: prepare, have every branch try, decide. */
import type { Bank } from '../bank/bank.js';
import { Caller, toldByReply, untilWalkedAway, type Answer, type CallerOrder } from './caller.js';
import type { Told } from './told.js';

export interface TwoPhaseOrder<Branch> extends CallerOrder {
  readonly gid: string;
  readonly branches: readonly Branch[];
  /** In seconds: when it is rolled back if nobody has decided. */
  readonly timeoutToFail: number;
  /** Aborts although every branch would do it. */
  readonly givesUp: boolean;
  readonly waitResult: boolean;
}

type Try<Branch> = (caller: Caller, order: TwoPhaseOrder<Branch>, branch: Branch) => Promise<Answer>;

/** Whatever anybody refuses, or leaves unclear, is a reason to abort; nothing else is. */
export function runTwoPhase<Branch>(
  bank: Bank,
  type: 'tcc' | 'xa',
  order: TwoPhaseOrder<Branch>,
  tryBranch: Try<Branch>,
): Promise<Told> {
  const { gid, protocol, waitResult } = order;
  const caller = new Caller(bank.wires[protocol], order);
  const members = { gid, trans_type: type, timeout_to_fail: order.timeoutToFail };
  const submit = async (): Promise<Told> => {
    const wait = { ...members, wait_result: waitResult };
    return toldByReply(await caller.send('submit', wait), waitResult);
  };
  const abort = async (why: string): Promise<Told> => {
    const reply = await caller.send('abort', { ...members, rollback_reason: why });
    if (reply.kind === 'done') return { kind: 'failed', why };
    // An attempt before this one, or beside it, has submitted: then so does this one, and hears how it ends.
    return reply.kind === 'refused' ? submit() : { kind: 'unknown', why: reply.why };
  };
  return untilWalkedAway(async () => {
    const prepared = await caller.send('prepare', members);
    if (prepared.kind === 'unclear') return { kind: 'unknown', why: prepared.why };
    if (prepared.kind === 'refused') return abort(prepared.why);
    for (const branch of order.branches) {
      const { kind, text } = await tryBranch(caller, order, branch);
      if (kind !== 'done') return abort(text);
    }
    return order.givesUp ? abort('given up by its caller') : submit();
  });
}
