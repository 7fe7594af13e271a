import type { Defect } from './defect.js';

const run = 'packages/coordinator/src/transaction-run.ts';
const known = 'packages/coordinator/src/known-transaction.ts';
const exchange = 'packages/coordinator/src/store-exchange.ts';
const lease = 'packages/coordinator/src/run-lease.ts';
const intake = 'packages/coordinator/src/intake.ts';
const calls = 'packages/coordinator/src/branch-calls.ts';
const gate = 'packages/coordinator/src/target-gate.ts';
const scheduler = 'packages/coordinator/src/scheduler.ts';
const coordinator = 'packages/coordinator/src/coordinator.ts';
const delivery = 'packages/coordinator/src/delivery.ts';
const running = 'packages/coordinator/src/running-transactions.ts';

/** What a coordinator could do wrong. */
export const coordinatorDefects: readonly Defect[] = [
  {
    name: 'epoch-ignored',
    what: 'after a conflict the run goes on as its runner although another node has taken the lease',
    file: run,
    find: 'if (before?.isHeld === true && (!durable.isHeld || durable.epoch !== before.epoch)) {',
    replace: 'if (before?.isHeld === true) durable.isHeld = true;\n    if (before === undefined && false) {',
  },
  {
    name: 'lease-not-renewed',
    what: 'a lease is never renewed while calls are out',
    file: run,
    find: 'durable.leaseUntil - now < (this.#context.policy.leaseMs * 2) / 3',
    replace: 'durable.leaseUntil - now < -Infinity',
  },
  {
    name: 'lease-end-ignored',
    what: 'the holder of a lease goes on after its end',
    file: run,
    find: 'return durable.leaseUntil - this.#context.policy.skewMs;',
    replace: 'return Infinity * durable.leaseUntil;',
  },
  {
    name: 'skew-ignored',
    what: 'the holder uses its lease to the very end, as if all clocks agreed',
    file: run,
    find: 'return durable.leaseUntil - this.#context.policy.skewMs;',
    replace: 'return durable.leaseUntil + this.#context.policy.skewMs;',
  },
  {
    name: 'told-before-durable',
    what: 'verbs are answered before their change is durable',
    file: run,
    find: '    this.#stopTimer();\n    this.#known.noteRows(',
    replace: '    settleAll(commit.deliveries);\n    this.#stopTimer();\n    this.#known.noteRows(',
  },
  {
    name: 'called-before-durable',
    what: 'calls go out before the state that asks for them is durable',
    file: run,
    find: '      if (this.#isEnded) rejectAll(deliveries, leaseEnded());',
    replace:
      "      if (plan.kind === 'calls' && subject.durable.isHeld) this.#startCalls(subject, plan.calls, now);\n      if (this.#isEnded) rejectAll(deliveries, leaseEnded());",
  },
  {
    name: 'status-before-outcomes',
    what: 'a status becomes durable before the branch outcomes that it rests on',
    file: exchange,
    find: 'rows: writeRows(commit.mutation?.rows),',
    replace: 'rows: writeRows(commit.mutation?.status === undefined ? commit.mutation?.rows : []),',
  },
  {
    name: 'two-commits-at-once',
    what: 'a run does not wait for its own commit',
    file: run,
    find: 'if (this.#isEnded || this.#exchange.isUnderWay) return;',
    replace: 'if (this.#isEnded || this.#known.subject === undefined) return;',
  },
  {
    name: 'late-snapshot-taken',
    what: 'an older snapshot of a claim replaces what the run knows',
    file: known,
    find: 'if (claimed === undefined || claimed.head.version <= (this.#subject?.durable.version ?? 0)) return undefined;',
    replace: 'if (claimed === undefined) return undefined;',
  },
  {
    name: 'calls-go-on-without-lease',
    what: 'a run that lost its lease leaves its calls out and hears their answers',
    file: calls,
    find: '    for (const { cancel, place } of out) {\n      cancel();',
    replace: '    for (const { place } of out) {',
  },
  {
    name: 'place-not-given-back',
    what: 'a call that is given up keeps its place at the target for ever',
    file: calls,
    find: '      this.#context.gate.leave(place, undefined);',
    replace: '      void place;',
  },
  {
    name: 'same-branch-twice',
    what: 'a branch is called although a call of it is out',
    file: calls,
    find: '      if (this.#hasOut(call.branchId)) continue;\n      const target',
    replace: '      const target',
  },
  {
    name: 'stop-not-looked-for',
    what: 'a run never reads again: a stop or a pause at another node is seen only by its next write',
    file: known,
    find: 'return now - this.#freshAt >= staleMs;',
    replace: 'return now - this.#freshAt >= Infinity;',
  },
  {
    name: 'visitor-takes-held-lease',
    what: 'a verb at another node takes the lease although somebody holds it',
    file: lease,
    find: 'const isFree = state.durable.leaseUntil <= now;',
    replace: 'const isFree = state.durable.leaseUntil <= Infinity;',
  },
  {
    name: 'due-time-forgotten',
    what: 'the lease is given back without the time at which somebody has to look again',
    file: lease,
    find: "if (plan.kind === 'wait' && isIdle) return { lease: release, dueAt: plan.wakeAt };",
    replace: "if (plan.kind === 'wait' && isIdle) return { lease: release, dueAt: undefined };",
  },
  {
    name: 'back-off-lost-at-release',
    what: 'the lease is given back due at once: the back-off is lost',
    file: lease,
    find: "if (plan.kind === 'wait' && isIdle) return { lease: release, dueAt: plan.wakeAt };",
    replace: "if (plan.kind === 'wait' && isIdle) return { lease: release, dueAt: now };",
  },
  {
    name: 'finished-keeps-lease',
    what: 'a finished transaction keeps its lease and its due time',
    file: lease,
    find: "  if (plan.kind === 'finished') return { lease: release, dueAt: undefined };\n  if (plan.kind === 'paused' && isIdle)",
    replace:
      "  if (plan.kind === 'finished') return { lease: keep, dueAt: now };\n  if (plan.kind === 'paused' && isIdle)",
  },
  {
    name: 'unchanged-from-memory',
    what: 'that nothing had to change is said of what this node remembers, not of what is stored',
    file: run,
    find: 'isVerb(arrived) && !arrived.isConfirmed)) {',
    replace: 'isVerb(arrived) && !arrived.isConfirmed && now < 0)) {',
  },
  {
    name: 'success-told-too-early',
    what: 'who waits is told success as soon as the transaction is stored',
    file: intake,
    find: "const waiting = waitMs > 0 && outcome.kind === 'open' ? this.#context.waiters.wait(tx.gid, waitMs) : outcome;",
    replace: "const waiting: Outcome = waitMs > 0 ? { kind: 'success' } : outcome;",
  },
  {
    name: 'repeat-with-other-content',
    what: 'a repeat with other content is taken for the same request',
    file: intake,
    find: '  if (!sameContent(stored, definition, hasSteps)) {',
    replace: '  if (gid.length > 1_000 && !sameContent(stored, definition, hasSteps)) {',
  },
  {
    name: 'acknowledged-not-stored',
    what: 'a store that fails at the create is taken for a success',
    file: intake,
    find: 'const result = await guardStore(() => this.#context.writes.write(item, { retryUntil: now + createRetryMs }));',
    replace:
      "const result = await this.#context.writes.write(item, { retryUntil: now + createRetryMs }).catch(() => ({ kind: 'applied' as const, version: 1, epoch: 1 }));",
  },
  {
    name: 'successes-first',
    what: 'a success beside a refusal is reacted to first, and makes steps look started',
    file: delivery,
    find: 'return [...deliveries.filter((arrived) => !isSuccess(arrived)), ...deliveries.filter(isSuccess)];',
    replace: 'return [...deliveries.filter(isSuccess), ...deliveries.filter((arrived) => !isSuccess(arrived))];',
  },
  {
    name: 'breaker-never-closes',
    what: 'a target that was down stays down after a probe has reached it',
    file: gate,
    find: '    target.openUntil = 0;\n    target.openMs = this.#limits.breakerOpenMs;',
    replace: '    target.openUntil = Infinity;\n    target.openMs = this.#limits.breakerOpenMs;',
  },
  {
    name: 'calls-unbounded',
    what: 'a target gets as many calls at once as there are',
    file: gate,
    find: 'if (target.active < this.#limits.callsMax) {\n      return takePlace',
    replace: 'if (target.active < Infinity) {\n      return takePlace',
  },
  {
    name: 'queue-forgotten',
    what: 'who waits in the queue of a target is not admitted when a place is free',
    file: gate,
    find: '    this.#admitNext(target);\n    if (target.hasSentAway',
    replace: '    if (target.hasSentAway',
  },
  {
    name: 'scheduler-stops-at-fault',
    what: 'after a fault of the store nothing is claimed any more',
    file: scheduler,
    find: '        if (!this.#isStopped) this.#sleepUntil(this.#ports.clock.now() + faultPauseMs);',
    replace: '        this.#isStopped = true;',
  },
  {
    name: 'scheduler-sleeps-for-ever',
    what: 'the scheduler sleeps until the next due time that it knows of, however late: work of other nodes is never found',
    file: scheduler,
    find: 'return Math.min(nextAt ?? Infinity, now + this.#ports.claimIntervalMs);',
    replace: 'return Math.min(nextAt ?? Infinity, now + 1_000_000_000);',
  },
  {
    name: 'running-unbounded',
    what: 'the limit of what runs at once is not looked at',
    file: running,
    find: 'return this.size + this.#reserved < policy.runningMax && this.countOf(type) < policy.types[type].runningMax;',
    replace: 'return this.countOf(type) < policy.types[type].runningMax * 1_000;',
  },
  {
    name: 'claims-nothing-left-by-the-dead',
    what: 'a claimed transaction is not taken up',
    file: coordinator,
    find: '        this.#running.adopt(stored, this.#context);',
    replace: '        if (stored.head.epoch < 2) this.#running.adopt(stored, this.#context);',
  },
  {
    name: 'shutdown-keeps-leases',
    what: 'a node that stops does not give its leases back',
    file: coordinator,
    find: '    for (const run of this.#running.all()) run.lookAgain();\n    const isQuiet = await this.#quiet(graceMs);',
    replace:
      '    this.#cancelTending?.();\n    await this.#writes.close();\n    const isQuiet = await this.#quiet(graceMs);',
  },
];
