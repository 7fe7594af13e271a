import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../test/support/seeded-random.js';
import { barrierCallOf } from './barrier-call.js';
import { barrierIdOf, barrierRows, decideBarrier, type BarrierCall, type BarrierRow } from './branch-barrier.js';
import { backCheckRow, decideBackCheck, messageCall } from './message-barrier.js';

/** The barrier table of one database: unique by (gid, branch_id, op, barrier_id). */
class BarrierTable {
  private readonly rows = new Map<string, BarrierRow>();

  insertIgnore(row: BarrierRow | undefined): number {
    if (row === undefined) return 0;
    const key = JSON.stringify([row.gid, row.branchId, row.op, row.barrierId]);
    if (this.rows.has(key)) return 0;
    this.rows.set(key, row);
    return 1;
  }

  reason({ gid, branchId, op, barrierId }: BarrierRow): string | undefined {
    return this.rows.get(JSON.stringify([gid, branchId, op, barrierId]))?.reason;
  }

  /** One call of a branch behind the barrier: what was decided. */
  call(op: string, transType = 'saga', branchId = '01'): string {
    const call: BarrierCall = { transType, gid: 'g', branchId, op };
    const rows = barrierRows(call, 1);
    const decision = decideBarrier(op, {
      origin: this.insertIgnore(rows.origin),
      current: this.insertIgnore(rows.current),
    });
    return decision.kind === 'skip' ? decision.why : decision.kind;
  }
}

const pairs = [
  ['saga', 'action', 'compensate'],
  ['tcc', 'try', 'cancel'],
  ['workflow', 'action', 'rollback'],
] as const;

describe.each(pairs)('behind the barrier of a %s, %s and %s', (type, forward, back) => {
  const calls = (...ops: string[]) => {
    const table = new BarrierTable();
    return ops.map((op) => table.call(op, type));
  };

  test('each run once', () => {
    expect(calls(forward, forward, back, back)).toEqual(['run', 'repeated', 'run', 'repeated']);
  });

  test('an undoing without what it undoes is empty, and blocks it for ever', () => {
    expect(calls(back, forward, back)).toEqual(['empty', 'repeated', 'repeated']);
  });

  test('in every order and number the undoing runs if and only if what it undoes has run before', () => {
    const random = new SeededRandom(3);
    for (let round = 0; round < 2_000; round += 1) {
      const ops = random.list(8, () => (random.flag() ? forward : back));
      const results = calls(...ops);
      const ran = ops.filter((_, at) => results[at] === 'run');
      const first = ops[0];
      const wanted = first === forward ? (ops.includes(back) ? [forward, back] : [forward]) : [];
      expect({ ops, ran }).toEqual({ ops, ran: wanted });
    }
  });
});

describe('rows of the barrier', () => {
  const call: BarrierCall = { transType: 'saga', gid: 'g', branchId: '01', op: 'compensate' };

  test('name what they undo, and who inserted them', () => {
    expect(barrierRows(call, 2)).toEqual({
      origin: { ...call, op: 'action', barrierId: '02', reason: 'compensate' },
      current: { ...call, barrierId: '02', reason: 'compensate' },
    });
    expect(barrierRows({ ...call, op: 'confirm' }, 1).origin).toBeUndefined();
    expect(barrierRows({ ...call, op: 'constructor' }, 1).origin).toBeUndefined();
  });

  test('count the barriers of one call in two digits', () => {
    expect([1, 9, 10, 100].map(barrierIdOf)).toEqual(['01', '09', '10', '100']);
  });

  test('keep branches apart', () => {
    const table = new BarrierTable();
    expect([table.call('action', 'saga', '01'), table.call('action', 'saga', '02')]).toEqual(['run', 'run']);
  });
});

describe('the barrier of a message', () => {
  test('runs the local transaction once, and tells a repeat apart', () => {
    const table = new BarrierTable();
    expect([table.call('msg', 'msg', '00'), table.call('msg', 'msg', '00')]).toEqual(['run', 'duplicated']);
  });

  test('answers the back-check with committed after the local transaction', () => {
    const table = new BarrierTable();
    table.insertIgnore(barrierRows(messageCall('g'), 1).current);
    table.insertIgnore(backCheckRow('g'));
    expect(decideBackCheck(table.reason(backCheckRow('g')))).toBe('committed');
  });

  test('answers rolled back before it, and the local transaction can never commit after that', () => {
    const table = new BarrierTable();
    table.insertIgnore(backCheckRow('g'));
    expect(decideBackCheck(table.reason(backCheckRow('g')))).toBe('rolledBack');
    expect(table.call('msg', 'msg', '00')).toBe('duplicated');
  });

  test('does not guess where no row can be read', () => {
    expect(decideBackCheck(undefined)).toBe('unknown');
  });
});

test('a branch call is read from its query parameters, and refused when one is missing', () => {
  const parameters = new Map([
    ['trans_type', 'saga'],
    ['gid', 'g'],
    ['branch_id', '01'],
    ['op', 'action'],
  ]);
  const read = () => barrierCallOf((name) => parameters.get(name) ?? null);
  expect(read()).toEqual({ transType: 'saga', gid: 'g', branchId: '01', op: 'action' });
  parameters.set('op', '');
  expect(read).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST', message: 'the branch call has no parameter op' }),
  );
});
