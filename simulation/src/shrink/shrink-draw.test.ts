import { expect, test } from 'vitest';
import { drawSeed } from '../draw/draw-seed.js';
import type { Draw } from '../draw/draw.js';
import { shrinkDraw } from './shrink-draw.js';

test('what does not matter is left out: one transaction, one incident, one node, no chances', async () => {
  const failing = findDraw((draw) => freezes(draw) > 0 && draw.transactions.length > 3 && draw.nodes > 1);
  const { draw } = await shrinkDraw(failing, async (candidate) => freezes(candidate) > 0);
  expect(draw.incidents).toHaveLength(1);
  expect(draw.transactions).toHaveLength(1);
  expect(draw.transactions[0]?.asks).toHaveLength(1);
  expect(draw.nodes).toBe(1);
  expect(draw.store).toMatchObject({ failBefore: 0, loseReply: 0, splitBatch: 0, refuse: 0, lateClaims: 0, slow: 0 });
  expect(draw.network).toMatchObject({ lose: 0, loseAnswer: 0, duplicate: 0, late: 0 });
});

test('what matters together stays together', async () => {
  const gids = ({ transactions }: Draw): string[] => transactions.map(({ gid }) => gid);
  const failing = findDraw((draw) => draw.transactions.length > 5);
  const [, second, , fourth] = gids(failing);
  const wanted = [second, fourth];
  const { draw } = await shrinkDraw(failing, async (one) => wanted.every((gid) => gids(one).includes(gid ?? '')));
  expect(gids(draw)).toEqual(wanted);
});

function freezes(draw: Draw): number {
  return draw.incidents.filter(({ kind }) => kind === 'freeze').length;
}

function findDraw(isWanted: (draw: Draw) => boolean): Draw {
  for (let seed = 1; ; seed += 1) {
    const draw = drawSeed(seed);
    if (isWanted(draw)) return draw;
  }
}
