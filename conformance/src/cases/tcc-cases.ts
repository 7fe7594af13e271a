import type { Case } from '../case.js';
import type { Scene } from '../scene.js';
import type { Members } from '../wire/wire.js';
import { everyWire, httpOnly, payload, tccBranch } from './shapes.js';

const tcc = (more: Members = {}): Members => ({ trans_type: 'tcc', ...more });

/** Prepared, with the branches 01 (`debit`) and 02 (`credit`). */
async function open(scene: Scene, more: Members = {}): Promise<readonly string[]> {
  const prepared = await scene.send('prepare', tcc(more));
  const first = await scene.send('registerBranch', tccBranch(scene, '01', 'debit'));
  const second = await scene.send('registerBranch', tccBranch(scene, '02', 'credit'));
  return [prepared.outcome, first.outcome, second.outcome];
}

export const tccCases: readonly Case[] = [
  {
    id: 'tcc/confirms',
    does: 'confirms every branch after submit, the last registered first',
    source: 'dtmsvr/trans_type_tcc.go:31',
    wires: everyWire,
    observe: async (scene) => {
      const opened = await open(scene);
      const { outcome } = await scene.send('submit', tcc());
      return { opened, outcome, status: await scene.settled(), log: scene.log() };
    },
    expected: {
      opened: ['success', 'success', 'success'],
      outcome: 'success',
      status: 'succeed',
      log: ['credit-confirm 02 confirm', 'debit-confirm 01 confirm'],
    },
  },
  {
    id: 'tcc/waits',
    does: 'answers a submit that waits when all is confirmed',
    source: 'dtmsvr/trans_process.go:45',
    wires: everyWire,
    observe: async (scene) => {
      await open(scene, { wait_result: true });
      const { outcome } = await scene.send('submit', tcc({ wait_result: true }));
      return { outcome, status: await scene.status(), confirmed: scene.calls().length };
    },
    expected: { outcome: 'success', status: 'succeed', confirmed: 2 },
  },
  {
    id: 'tcc/cancels',
    does: 'cancels every branch after abort, the last registered first',
    source: 'dtmsvr/trans_type_tcc.go:31',
    wires: everyWire,
    observe: async (scene) => {
      await open(scene);
      const { outcome } = await scene.send('abort', tcc({ rollback_reason: 'no seats' }));
      const status = await scene.settled();
      return { outcome, status, log: scene.log(), reason: (await scene.transaction())?.['rollback_reason'] };
    },
    expected: {
      outcome: 'success',
      status: 'failed',
      log: ['credit-cancel 02 cancel', 'debit-cancel 01 cancel'],
      reason: 'no seats',
    },
  },
  {
    id: 'tcc/data',
    does: 'calls confirm by POST with what was registered as data',
    source: 'dtmsvr/api_http.go:80',
    wires: httpOnly,
    observe: async (scene) => {
      await open(scene);
      await scene.send('submit', tcc());
      await scene.settled();
      const [call] = scene.calls();
      return { method: call?.method, body: call?.body.toString(), type: call?.type };
    },
    expected: { method: 'POST', body: payload, type: 'tcc' },
  },
  {
    id: 'tcc/nested',
    does: 'calls nested branches (0101) by the ids under which they were registered',
    source: 'client/dtmcli/dtmimp/trans_base.go:29',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('prepare', tcc());
      await scene.send('registerBranch', tccBranch(scene, '01', 'outer'));
      await scene.send('registerBranch', tccBranch(scene, '0101', 'inner'));
      await scene.send('submit', tcc());
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'succeed', log: ['inner-confirm 0101 confirm', 'outer-confirm 01 confirm'] },
  },
  {
    id: 'tcc/old-name',
    does: 'takes registerTccBranch, as the Node SDK sends it, with the member try',
    source: 'dtmsvr/api_http.go:33',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.send('prepare', tcc());
      const branch = { gid: scene.gid, ...tccBranch(scene, '01', 'debit'), try: scene.url('debit') };
      const { outcome } = await scene.http.post('registerTccBranch', JSON.stringify(branch));
      await scene.send('submit', tcc());
      return { outcome, status: await scene.settled(), log: scene.log() };
    },
    expected: { outcome: 'success', status: 'succeed', log: ['debit-confirm 01 confirm'] },
  },
  {
    id: 'tcc/empty-urls',
    does: 'takes an empty confirm for one that succeeded',
    source: 'dtmsvr/trans_status.go:131',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('prepare', tcc());
      await scene.send('registerBranch', { ...tccBranch(scene, '01', 'debit'), confirm: '' });
      await scene.send('submit', tcc());
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'succeed', log: [] },
  },
  {
    id: 'tcc/without-branches',
    does: 'succeeds at once where nothing was registered',
    source: 'dtmsvr/trans_type_tcc.go:40',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('prepare', tcc());
      const { outcome } = await scene.send('submit', tcc());
      return { outcome, status: await scene.settled() };
    },
    expected: { outcome: 'success', status: 'succeed' },
  },
  {
    id: 'tcc/register-after-the-decision',
    does: 'refuses a branch that comes after the decision',
    source: 'dtmsvr/api.go:125',
    wires: everyWire,
    observe: async (scene) => {
      await open(scene);
      await scene.send('abort', tcc());
      await scene.settled();
      const { outcome } = await scene.send('registerBranch', tccBranch(scene, '03', 'late'));
      return { outcome, late: scene.log().filter((line) => line.startsWith('late')) };
    },
    expected: { outcome: 'refused', late: [] },
  },
  {
    id: 'tcc/register-twice',
    does: 'hears the same registration twice',
    source: 'dtmsvr/storage/boltdb/boltdb.go:232',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('prepare', tcc());
      await scene.send('registerBranch', tccBranch(scene, '01', 'debit'));
      const { outcome } = await scene.send('registerBranch', tccBranch(scene, '01', 'debit'));
      await scene.send('submit', tcc());
      return { outcome, status: await scene.settled(), log: scene.log() };
    },
    expected: { outcome: 'error', status: 'succeed', log: ['debit-confirm 01 confirm'] },
    differs: {
      tandem: { outcome: 'success', status: 'succeed', log: ['debit-confirm 01 confirm'] },
      verdict: 'ours right',
      reason: 'a repeat after a lost answer is the same branch; DTM answers 500',
    },
  },
  {
    id: 'tcc/register-for-an-unknown-gid',
    does: 'refuses a branch of a transaction that does not exist',
    source: 'dtmsvr/api.go:129',
    wires: everyWire,
    observe: async (scene) => ({
      outcome: (await scene.send('registerBranch', tccBranch(scene, '01', 'debit'))).outcome,
    }),
    expected: { outcome: 'refused' },
    differs: (wire) =>
      wire === 'json-rpc'
        ? undefined
        : {
            tandem: { outcome: 'error' },
            verdict: 'both defensible',
            reason: '404 and NOT_FOUND say what is wrong; SDKs take them for an error as they take 409',
          },
  },
  {
    id: 'tcc/submit-of-an-unknown-gid',
    does: 'is asked to submit a TCC that nobody has prepared',
    source: 'dtmsvr/api.go:28',
    wires: everyWire,
    observe: async (scene) => {
      const { outcome } = await scene.send('submit', tcc());
      return { accepted: outcome === 'success', status: await scene.settled(2_000) };
    },
    expected: { accepted: true, status: 'succeed' },
    differs: {
      tandem: { accepted: false, status: 'absent' },
      verdict: 'ours right',
      reason: 'DTM reports the success of a transaction that has no branches because it was lost or misnamed',
    },
  },
  {
    id: 'tcc/times-out',
    does: 'cancels what nobody decides within timeout_to_fail',
    source: 'dtmsvr/trans_type_tcc.go:28',
    wires: everyWire,
    observe: async (scene) => {
      // Time enough to register both.
      await open(scene, { timeout_to_fail: 4, retry_interval: 1 });
      const status = await scene.settled();
      const reason = String((await scene.transaction())?.['rollback_reason']);
      return { status, saysTimeout: /timeout/i.test(reason), log: scene.log() };
    },
    expected: {
      status: 'failed',
      saysTimeout: true,
      log: ['credit-cancel 02 cancel', 'debit-cancel 01 cancel'],
    },
  },
  {
    id: 'tcc/confirm-never-fails',
    does: 'calls a confirm again that answers failure',
    source: 'dtmsvr/trans_status.go:219',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit-confirm', 'failure', 'success');
      await open(scene, { retry_interval: 1 });
      await scene.send('submit', tcc());
      return { status: await scene.settled(), debits: scene.calls('debit-confirm').length };
    },
    expected: { status: 'succeed', debits: 2 },
  },
  {
    id: 'tcc/one-branch-down',
    does: 'has one branch that does not answer its confirm, registered after another',
    source: 'dtmsvr/trans_type_tcc.go:35',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('credit-confirm', 'unknown');
      await open(scene, { retry_interval: 10 });
      await scene.send('submit', tcc());
      await scene.called('credit-confirm');
      return { othersConfirmed: await scene.called('debit-confirm'), status: await scene.status() };
    },
    expected: { othersConfirmed: false, status: 'submitted' },
    differs: {
      tandem: { othersConfirmed: true, status: 'submitted' },
      verdict: 'ours right',
      reason: 'one participant that is down must not keep the others unconfirmed',
    },
  },
  {
    id: 'tcc/submit-twice-while-it-runs',
    does: 'hears its submit twice while a confirm is still to come',
    source: 'dtmsvr/api.go:29',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('credit-confirm', 'unknown');
      await open(scene, { retry_interval: 10 });
      await scene.send('submit', tcc());
      await scene.called('credit-confirm');
      const { outcome } = await scene.send('submit', tcc());
      return { again: outcome, status: await scene.settled(2_000) };
    },
    expected: { again: 'success', status: 'succeed' },
    differs: {
      tandem: { again: 'success', status: 'submitted' },
      verdict: 'ours right',
      reason: 'DTM runs the repeat without its branches and reports success; a branch is never confirmed',
    },
  },
  {
    id: 'tcc/abort-after-submit',
    does: 'refuses to abort what was confirmed',
    source: 'dtmsvr/api.go:74',
    wires: everyWire,
    observe: async (scene) => {
      await open(scene);
      await scene.send('submit', tcc());
      await scene.settled();
      return { outcome: (await scene.send('abort', tcc())).outcome, status: await scene.status() };
    },
    expected: { outcome: 'refused', status: 'succeed' },
  },
  {
    id: 'tcc/submit-after-abort',
    does: 'refuses to submit what was cancelled',
    source: 'dtmsvr/api.go:36',
    wires: everyWire,
    observe: async (scene) => {
      await open(scene);
      await scene.send('abort', tcc());
      await scene.settled();
      return { outcome: (await scene.send('submit', tcc())).outcome, status: await scene.status() };
    },
    expected: { outcome: 'refused', status: 'failed' },
  },
];
