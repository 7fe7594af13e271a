/** Notices who puts a transaction aside although one of its branches could be called now. */
import { epochMs } from '../nodes/node-clock.js';
import { hostOf } from './call-oracle.js';
import type { LedgerRecord } from './ledger.js';
import { typeModelOf } from '../types/type-models.js';
import type { World } from '../world.js';

export function checkWait({ time, calls, draw, problems }: World, record: LedgerRecord): void {
  const { head } = record;
  const isDecided = head.status === 'submitted' || head.status === 'aborting';
  if (!isDecided || head.isPaused || head.leaseUntil > 0 || !calls.areClocksTrusted) return;
  const model = typeModelOf(head.type);
  const latestClock = epochMs + time.now + draw.policy.skewMs;
  // Due by every clock: whoever has room takes it.
  if (model.dueCall === undefined || (head.dueAt ?? 0) <= latestClock) return;
  const due = model.dueCall(record);
  // It may wait for the target of a branch whose turn it is: not for that of one that backs off.
  const mayWait = due?.upTo.some(({ url, dueAt }) => dueAt <= latestClock && `http://${hostOf(url)}` === head.waitsFor);
  if (due === undefined || mayWait === true) return;
  const until = String((head.dueAt ?? 0) - epochMs);
  problems.add('waits', `${head.gid} is put aside until ${until}, and ${due.branchId} is due`);
}
