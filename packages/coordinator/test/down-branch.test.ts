import type { Gid } from '@tandem/protocol';
import { describe, expect, test } from 'vitest';
import {
  branchOf,
  look,
  openWorld,
  sagaRequest,
  settle,
  success,
  twoPhaseRequest,
  unreachable,
} from './virtual-world.js';

const gid = 'g' as Gid;

describe.each(['tcc', 'xa'] as const)('a decided %s', (type) => {
  test('goes on with the branches behind one whose target is known to be down', async () => {
    const { node, participants, clock, log } = await openWorld();
    let isUp = false;
    for (const path of ['dead/x', 'dead/x-ok', 'dead/x-no'])
      participants.when(path, () => (isUp ? success : unreachable));
    const coordinator = await node({ breakerFailures: 1, breakerOpenMs: 60_000 });
    await coordinator.submit(sagaRequest('other', ['dead/x'], { retry_interval: 3600 }), 0);
    await settle();
    expect(log).toContain('http://dead down');
    await coordinator.prepare(twoPhaseRequest(type, 'g', 'prepare'));
    const [first, second] = type === 'tcc' ? ['live/x', 'dead/x'] : ['dead/x', 'live/x'];
    await coordinator.registerBranch(gid, branchOf(type, '01', first));
    await coordinator.registerBranch(gid, branchOf(type, '02', second));
    await coordinator.registerBranch(gid, branchOf(type, '03', 'live/y'));
    await coordinator.submit(twoPhaseRequest(type, 'g', 'submit'), 0);
    await settle();
    const op = type === 'tcc' ? 'confirm' : 'commit';
    const live = type === 'tcc' ? '01' : '02';
    expect(await look(coordinator, 'g')).toMatch(/^submitted/);
    expect(await look(coordinator, 'g')).toContain(`${live} ${op} succeed`);
    expect(await look(coordinator, 'g')).toContain(`03 ${op} succeed`);
    isUp = true;
    await clock.advance(120_000);
    expect(await look(coordinator, 'g')).toMatch(/^succeed/);
  });
});
