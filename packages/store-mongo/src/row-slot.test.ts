import { describe, expect, it } from 'vitest';
import { rowKeyOf, slotOf } from './row-slot.js';

const texts = ['', '01', 'action', 'a.b', '$set', '%2E', 'a:b', '__proto__', ' ', 'ä日\u{1f600}', "it's (1)", '*~!'];

describe('the slot of a row', () => {
  it('gives back branch and operation, whatever is in them', () => {
    for (const branchId of texts) {
      for (const op of texts) expect(rowKeyOf(slotOf({ branchId, op }))).toEqual({ branchId, op });
    }
  });

  it('is another one for every pair', () => {
    const slots = texts.flatMap((branchId) => texts.map((op) => slotOf({ branchId, op })));
    expect(new Set(slots).size).toBe(slots.length);
  });

  it('has nothing in it that means something in the path of an update', () => {
    for (const branchId of texts) expect(slotOf({ branchId, op: branchId })).not.toMatch(/[.$]/);
  });
});
