import { describe, expect, it } from 'vitest';
import { slotOfTag } from './key-slot.js';
import { places, shardIndexOf, shardsOf } from './shard.js';
import { decodeTransaction, encodeHead, placeOf, rowField } from './transaction-codec.js';
import { fromWord, toWord } from './words.js';

describe('words', () => {
  it.each(['', 'saga', 'a b', '%', '%20', ' %25 ', 'http://a b:80/%', '日本 😀', 'a\nb\tc'])(
    '%j comes back',
    (text) => {
      const word = toWord(text);
      expect(word).not.toContain(' ');
      expect(fromWord(word)).toBe(text);
    },
  );
});

describe('slots', () => {
  it.each([
    // From the specification of Redis Cluster, and as CLUSTER KEYSLOT answers.
    ['123456789', 12739],
    ['foo', 12182],
    ['', 0],
  ])('the slot of %j is %i', (tag, slot) => {
    expect(slotOfTag(tag)).toBe(slot);
  });
});

describe('shards', () => {
  it.each([1, 3, 16, 1000])('%i shards lie evenly over the slots, each key with the tag of its shard', (count) => {
    const shards = shardsOf('tandem', count);
    shards.forEach((shard, index) => {
      expect(Math.floor(shard.slot / (16_384 / count))).toBe(index);
      const tag = /^\{(.*)\}$/.exec(shard.base)?.[1] ?? '';
      expect(slotOfTag(tag)).toBe(shard.slot);
      const keys = [
        shard.transaction,
        shard.queue,
        shard.waiting,
        shard.types,
        shard.beat,
        ...Object.values(shard.lists),
      ];
      for (const key of keys) expect(key.startsWith(shard.base)).toBe(true);
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  it('what is stored stays where it is: names of keys and the shard of a gid do not change', () => {
    const [first, second] = shardsOf('tandem', 2);
    expect([first?.transaction, second?.transaction]).toEqual(['{tandem:0:2}tx:', '{tandem:1:2}tx:']);
    expect(['a', 'order-1', 'é😀'].map((gid) => shardIndexOf(gid, 16))).toEqual([3, 15, 6]);
    expect(Object.values(first?.lists ?? {})).toEqual([
      '{tandem:0:2}open',
      '{tandem:0:2}paused',
      '{tandem:0:2}done',
      '{tandem:0:2}done-paused',
    ]);
  });

  it('gids spread over the shards', () => {
    const counts = Array.from({ length: 8 }, () => 0);
    for (let index = 0; index < 8_000; index++) {
      const shard = shardIndexOf(`order-${index}`, 8);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
  });
});

describe('a transaction', () => {
  const head = {
    ...{ type: 'sa ga', status: 'sub%mitted', isPaused: true, dueAt: 7, waitsFor: 'http://a b' },
    ...{ createdAt: 1, updatedAt: 2, finishedAt: 3, state: ' {"reason": "a b"} ' },
  };

  it('reads as it was written', () => {
    const m = `4 2 9 ${toWord('node 1')} 7 ${placeOf(head)} token ${toWord(head.type)} 1 ${toWord(head.waitsFor)}`;
    const row = { branchId: '0 1', op: 'act ion' };
    const fields = ['b', 'body', rowField(row), 'value', 'm', m, 'h', encodeHead(head)];
    expect(decodeTransaction('g', fields)).toEqual({
      head: { ...head, gid: 'g', version: 4, epoch: 2, leaseUntil: 9, leaseOwner: 'node 1' },
      body: 'body',
      rows: [{ ...row, value: 'value' }],
    });
    expect(decodeTransaction('g', [])).toBeUndefined();
  });

  it('is in the one list that its state names', () => {
    const place = (isPaused: boolean, finishedAt: number | undefined) => placeOf({ isPaused, finishedAt });
    expect(place(false, undefined)).toBe(places.open);
    expect(place(true, undefined)).toBe(places.paused);
    expect(place(false, 1)).toBe(places.done);
    expect(place(true, 1)).toBe(places.donePaused);
  });
});
