import { describe, expect, test } from 'vitest';
import { barrierRows, decideBarrier, type BarrierRow } from './branch-barrier.js';
import { backCheckRow, decideBackCheck, messageCall } from './message-barrier.js';

/**
 * Every order of a few calls of one branch behind its barrier. A call commits with its effect, or its local transaction rolls
 * back after the inserts (refused, or crashed): then neither rows nor effect stay.
 */
type Op = 'forward' | 'back';
interface Call {
  readonly op: Op;
  readonly ends: 'commit' | 'rollback';
}

const calls: readonly Call[] = (['forward', 'back'] as const).flatMap((op) =>
  (['commit', 'rollback'] as const).map((ends) => ({ op, ends })),
);

const pairs = [
  ['saga', 'action', 'compensate'],
  ['tcc', 'try', 'cancel'],
  ['workflow', 'action', 'rollback'],
] as const;

/** What the participant's database holds, and what was done to it. */
class Participant {
  rows = new Map<string, BarrierRow>();
  readonly effects: Op[] = [];

  constructor(private readonly names: { readonly type: string; readonly forward: string; readonly back: string }) {}

  /** One local transaction; what was decided in it. */
  call({ op, ends }: Call): string {
    const before = new Map(this.rows);
    const call = { transType: this.names.type, gid: 'g', branchId: '01', op: this.names[op] };
    const { origin, current } = barrierRows(call, 1);
    const decision = decideBarrier(call.op, { origin: this.#insert(origin), current: this.#insert(current) });
    if (ends === 'rollback') this.rows = before;
    else if (decision.kind === 'run') this.effects.push(op);
    return decision.kind === 'skip' ? decision.why : decision.kind;
  }

  #insert(row: BarrierRow | undefined): number {
    if (row === undefined) return 0;
    const key = [row.gid, row.branchId, row.op, row.barrierId].join(' ');
    if (this.rows.has(key)) return 0;
    this.rows.set(key, row);
    return 1;
  }
}

function sequences<Item>(items: readonly Item[], length: number): readonly (readonly Item[])[] {
  if (length === 0) return [[]];
  return sequences(items, length - 1).flatMap((rest) => items.map((item) => [...rest, item]));
}

describe.each(pairs)('every order of up to six calls of a %s, %s and %s', (type, forward, back) => {
  const orders = [1, 2, 3, 4, 5, 6].flatMap((length) => sequences(calls, length));

  test('does each at most once, undoes only what was done, and nothing after its undoing', () => {
    expect(orders).toHaveLength(4 + 16 + 64 + 256 + 1_024 + 4_096);
    for (const order of orders) {
      const participant = new Participant({ type, forward, back });
      for (const call of order) participant.call(call);
      const committed = order.filter(({ ends }) => ends === 'commit').map(({ op }) => op);
      // The first that commits decides: an undoing that comes first is empty, and blocks what comes late.
      const wanted: readonly Op[] =
        committed[0] !== 'forward' ? [] : committed.includes('back') ? ['forward', 'back'] : ['forward'];
      expect({ order, effects: participant.effects }).toEqual({ order, effects: wanted });
    }
  });

  test('is answered with success once it has committed, however often it is repeated', () => {
    for (const order of orders) {
      const participant = new Participant({ type, forward, back });
      for (const call of order) participant.call(call);
      const { rows } = participant;
      for (const { op, ends } of order) {
        if (ends !== 'commit') continue;
        expect(participant.call({ op, ends: 'commit' })).toBe('repeated');
      }
      expect(participant.rows.size).toBe(rows.size);
    }
  });
});

describe('every order of a local transaction, its repeats and its back-checks', () => {
  type Turn = 'commit' | 'rollback' | 'check';

  test('gives one answer for ever, and it is the truth', () => {
    for (const order of [1, 2, 3, 4, 5, 6, 7].flatMap((length) =>
      sequences<Turn>(['commit', 'rollback', 'check'], length),
    )) {
      let reason: string | undefined;
      let effects = 0;
      const told = new Set<string>();
      for (const turn of order) {
        if (turn === 'check') {
          reason ??= backCheckRow('g').reason;
          told.add(decideBackCheck(reason));
          continue;
        }
        const { origin, current } = barrierRows(messageCall('g'), 1);
        const decision = decideBarrier('msg', {
          origin: origin === undefined ? 0 : 1,
          current: reason === undefined ? 1 : 0,
        });
        expect(decision.kind).toBe(reason === undefined ? 'run' : 'duplicated');
        if (turn === 'commit' && decision.kind === 'run') {
          reason = current.reason;
          effects += 1;
        }
      }
      expect(effects).toBeLessThanOrEqual(1);
      expect(told.size).toBeLessThanOrEqual(1);
      if (told.has('committed')) expect(effects).toBe(1);
      if (told.has('rolledBack')) expect(effects).toBe(0);
    }
  });
});
