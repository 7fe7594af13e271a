import type { Case } from '../case.js';
import type { Scene } from '../scene.js';
import type { Members } from '../wire/wire.js';
import { byteWires, everyWire, httpOnly, xaBranch } from './shapes.js';

const xa = (more: Members = {}): Members => ({ trans_type: 'xa', ...more });

/** Prepared, with the branches 01 (`debit`) and 02 (`credit`). */
async function open(scene: Scene, more: Members = {}): Promise<void> {
  await scene.send('prepare', xa(more));
  await scene.send('registerBranch', xaBranch(scene, '01', 'debit'));
  await scene.send('registerBranch', xaBranch(scene, '02', 'credit'));
}

export const xaCases: readonly Case[] = [
  {
    id: 'xa/commits',
    does: 'commits the branches in the order of their registration',
    source: 'dtmsvr/trans_type_xa.go:31',
    wires: byteWires,
    observe: async (scene) => {
      await open(scene);
      const { outcome } = await scene.send('submit', xa());
      return { outcome, status: await scene.settled(), log: scene.log() };
    },
    expected: { outcome: 'success', status: 'succeed', log: ['debit 01 commit', 'credit 02 commit'] },
  },
  {
    id: 'xa/rolls-back',
    does: 'rolls the branches back in the order of their registration',
    source: 'dtmsvr/trans_type_xa.go:31',
    wires: byteWires,
    observe: async (scene) => {
      await open(scene);
      const { outcome } = await scene.send('abort', xa());
      return { outcome, status: await scene.settled(), log: scene.log() };
    },
    expected: { outcome: 'success', status: 'failed', log: ['debit 01 rollback', 'credit 02 rollback'] },
  },
  {
    id: 'xa/call',
    does: 'calls phase two by POST without a body',
    source: 'dtmsvr/trans_status.go:163',
    wires: httpOnly,
    observe: async (scene) => {
      await open(scene);
      await scene.send('submit', xa());
      await scene.settled();
      const [call] = scene.calls();
      return { method: call?.method, body: call?.body.length, type: call?.type, op: call?.op };
    },
    expected: { method: 'POST', body: 0, type: 'xa', op: 'commit' },
  },
  {
    id: 'xa/old-name',
    does: 'takes registerXaBranch',
    source: 'dtmsvr/api_http.go:32',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.send('prepare', xa());
      const branch = { gid: scene.gid, ...xaBranch(scene, '01', 'debit') };
      const { outcome } = await scene.http.post('registerXaBranch', JSON.stringify(branch));
      await scene.send('submit', xa());
      return { outcome, status: await scene.settled(), log: scene.log() };
    },
    expected: { outcome: 'success', status: 'succeed', log: ['debit 01 commit'] },
  },
  {
    id: 'xa/times-out',
    does: 'rolls back what nobody decides within timeout_to_fail',
    source: 'dtmsvr/trans_type_xa.go:27',
    wires: byteWires,
    observe: async (scene) => {
      // Time enough to register both.
      await open(scene, { timeout_to_fail: 4, retry_interval: 1 });
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'failed', log: ['debit 01 rollback', 'credit 02 rollback'] },
  },
  {
    id: 'xa/unclear-commit',
    does: 'commits again after an unclear answer',
    source: 'dtmsvr/trans_type_xa.go:33',
    wires: byteWires,
    observe: async (scene) => {
      scene.answer('debit', 'unknown', 'success');
      await open(scene, { retry_interval: 1 });
      await scene.send('submit', xa());
      return {
        status: await scene.settled(),
        debits: scene.calls('debit').length,
        credits: scene.calls('credit').length,
      };
    },
    expected: { status: 'succeed', debits: 2, credits: 1 },
  },
  {
    id: 'xa/one-decision',
    does: 'refuses the abort of what was submitted, and the submit of what was aborted',
    source: 'dtmsvr/api.go:74',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('prepare', xa());
      await scene.send('submit', xa());
      await scene.settled();
      return { abort: (await scene.send('abort', xa())).outcome, status: await scene.status() };
    },
    expected: { abort: 'refused', status: 'succeed' },
  },
  {
    id: 'xa/register-after-the-decision',
    does: 'refuses a branch that comes after the decision',
    source: 'dtmsvr/api.go:125',
    wires: byteWires,
    observe: async (scene) => {
      await open(scene);
      await scene.send('submit', xa());
      await scene.settled();
      return { outcome: (await scene.send('registerBranch', xaBranch(scene, '03', 'late'))).outcome };
    },
    expected: { outcome: 'refused' },
  },
];
