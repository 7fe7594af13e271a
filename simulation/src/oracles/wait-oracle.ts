/** Notices who puts a transaction aside although one of its branches could be called now. */
import { epochMs } from '../nodes/node-clock.js';
import { hostOf } from './call-oracle.js';
import type { LedgerRecord } from './ledger.js';
import { isDue } from '../types/phase-order.js';
import { typeModelOf } from '../types/type-models.js';
import type { World } from '../world.js';

export function checkWait({ time, calls, draw, places, problems }: World, record: LedgerRecord): void {
  const { head } = record;
  const isDecided = head.status === 'submitted' || head.status === 'aborting';
  if (!isDecided || head.isPaused || head.leaseUntil > 0 || !calls.areClocksTrusted) return;
  const model = typeModelOf(head.type);
  const latestClock = epochMs + time.now + draw.policy.skewMs;
  // Due by every clock: whoever has room takes it.
  if (model.callsLeft === undefined || (head.dueAt ?? 0) <= latestClock) return;
  const left = model.callsLeft(record);
  const due = left.filter((call) => isDue(record, call));
  const [first] = due;
  if (first === undefined) return;
  // It may wait for the target of a branch whose turn it is: not for that of one that backs off.
  const upTo = left.slice(0, left.indexOf(first) + 1);
  const mayWait = upTo.some(({ url, dueAt }) => dueAt <= latestClock && targetOf(url) === head.waitsFor);
  // And only where none can be called: the others do not wait with it.
  const writer = places.find(({ node }) => node?.process.name === record.changedBy)?.node?.process;
  const hasRoom = writer !== undefined && draw.policy.queuePerTargetMax >= 512;
  const free = hasRoom ? due.find(({ url }) => !writer.targetsEverDown.has(targetOf(url))) : undefined;
  if (mayWait && free === undefined) return;
  const until = String((head.dueAt ?? 0) - epochMs);
  problems.add('waits', `${head.gid} is put aside until ${until}, and ${(free ?? first).branchId} is due`);
}

function targetOf(url: string): string {
  return `http://${hostOf(url)}`;
}
