import type { Case } from '../case.js';
import { everyWire, httpOnly, message, payload, saga, byteWires } from './shapes.js';

export const refusalCases: readonly Case[] = [
  {
    id: 'repeat/submit-after-success',
    does: 'hears the submit of a saga again that has succeeded',
    source: 'dtmsvr/api.go:36',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const { outcome } = await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      return { again: outcome, actions: scene.calls('debit').length };
    },
    expected: { again: 'refused', actions: 1 },
    differs: {
      tandem: { again: 'success', actions: 1 },
      verdict: 'ours right',
      reason: 'a caller who lost the first answer must not read FAILURE for what succeeded',
    },
  },
  {
    id: 'repeat/submit-after-failure',
    does: 'hears the submit of a saga again that was rolled back',
    source: 'dtmsvr/api.go:36',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', 'failure');
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const { outcome } = await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      return { again: outcome, actions: scene.calls('debit').length };
    },
    expected: { again: 'refused', actions: 1 },
  },
  {
    id: 'repeat/submit-after-failure-without-waiting',
    does: 'hears the submit of a saga again that was rolled back, from a caller who does not wait',
    source: 'dtmsvr/api.go:36',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', 'failure');
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const { outcome } = await scene.send('submit', saga(scene, ['debit']));
      return { again: outcome, actions: scene.calls('debit').length };
    },
    expected: { again: 'refused', actions: 1 },
    differs: {
      tandem: { again: 'success', actions: 1 },
      verdict: 'both defensible',
      reason:
        'who does not wait is told that it was accepted, as the first time; wait_result or query tells that it failed',
    },
  },
  {
    id: 'repeat/submit-while-it-runs',
    does: 'hears the submit of a saga again that runs',
    source: 'dtmsvr/api.go:29',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('debit', { afterMs: 700, then: 'success' });
      await scene.send('submit', saga(scene, ['debit']));
      await scene.called('debit');
      const { outcome } = await scene.send('submit', saga(scene, ['debit']));
      const status = await scene.settled();
      await scene.quiet(300);
      return { again: outcome, status, actions: scene.calls('debit').length };
    },
    expected: { again: 'success', status: 'succeed', actions: 2 },
    differs: {
      tandem: { again: 'success', status: 'succeed', actions: 1 },
      verdict: 'ours right',
      reason: 'DTM runs the repeat beside the first and calls the step twice at the same time',
    },
  },
  {
    id: 'repeat/other-content',
    does: 'is sent other steps under a gid that is taken',
    source: 'dtmsvr/api.go:36',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      const { outcome } = await scene.send('submit', saga(scene, ['credit'], { wait_result: true }));
      return { again: outcome, log: scene.log() };
    },
    expected: { again: 'refused', log: ['debit 01 action'] },
  },
  {
    id: 'repeat/prefix-gid',
    does: 'runs a saga whose gid is the beginning of another one',
    source: 'dtmsvr/storage/boltdb/boltdb.go:197',
    wires: httpOnly,
    observe: async (scene) => {
      // The longer gid sorts between the shorter one and its branches.
      await scene.send('submit', saga(scene, ['other'], { gid: `${scene.gid}0`, wait_result: true }));
      await scene.send('submit', saga(scene, ['debit', 'credit'], { wait_result: true }));
      const { body } = await scene.http.get(`query?gid=${scene.gid}`);
      return { branches: ((body as { branches: unknown[] | null }).branches ?? []).length };
    },
    expected: { branches: 1 },
    differs: {
      tandem: { branches: 4 },
      verdict: 'ours right',
      reason: 'DTM on BoltDB, its default, loses branches: their keys have no separator after the gid',
    },
  },
  {
    id: 'refused/unknown-type',
    does: 'is sent a type that does not exist',
    source: 'dtmsvr/trans_class.go:56',
    wires: everyWire,
    observe: async (scene) => {
      const { outcome } = await scene.send('submit', { ...saga(scene, ['debit']), trans_type: 'sage' });
      return { outcome, status: await scene.status() };
    },
    expected: { outcome: 'error', status: 'absent' },
  },
  {
    id: 'refused/no-json',
    does: 'is sent a body that is not JSON',
    source: 'dtmsvr/trans_class.go:73',
    wires: httpOnly,
    observe: async (scene) => {
      const { code, outcome } = await scene.http.post('submit', '{"gid":');
      return { outcome, blames: code.startsWith('4') ? 'the caller' : 'the server' };
    },
    expected: { outcome: 'error', blames: 'the server' },
    differs: {
      tandem: { outcome: 'error', blames: 'the caller' },
      verdict: 'ours right',
      reason: 'a fault of the caller is not a fault of the server: 400, not 500',
    },
  },
  {
    id: 'refused/no-gid',
    does: 'is sent a transaction without a gid',
    source: 'dtmsvr/trans_process.go:75',
    wires: everyWire,
    observe: async (scene) => {
      const { outcome } = await scene.send('submit', { ...saga(scene, ['debit']), gid: '' });
      await scene.quiet(500);
      return { accepted: outcome === 'success', actions: scene.calls('debit').length };
    },
    expected: { accepted: false, actions: 0 },
  },
  {
    id: 'refused/no-steps',
    does: 'is sent a saga without steps',
    source: 'dtmsvr/trans_type_saga.go:28',
    wires: everyWire,
    observe: async (scene) => {
      const { outcome } = await scene.send('submit', {
        trans_type: 'saga',
        steps: [],
        payloads: [],
        wait_result: true,
      });
      return { accepted: outcome === 'success' };
    },
    expected: { accepted: true },
    differs: {
      tandem: { accepted: false },
      verdict: 'both defensible',
      reason: 'nothing to do is done at once in DTM; a misspelt "steps" goes unnoticed there',
    },
  },
  {
    id: 'refused/fewer-payloads',
    does: 'is sent fewer payloads than steps',
    source: 'dtmsvr/trans_type_saga.go:35',
    wires: everyWire,
    observe: async (scene) => {
      const { outcome } = await scene.send('submit', { ...saga(scene, ['debit', 'credit']), payloads: [payload] });
      return { outcome, status: await scene.status() };
    },
    expected: { outcome: 'error', status: 'absent' },
  },
  {
    id: 'accepted/unknown-members',
    does: 'ignores members that it does not know, and takes null and 0 for absent',
    source: 'dtmsvr/trans_class.go:73; the Python SDK sends null',
    wires: httpOnly,
    observe: async (scene) => {
      const odd = { query_prepared: null, custom_data: null, retry_limit: 0, timeout_to_fail: 0, colour: 'blue' };
      const { outcome } = await scene.send('submit', saga(scene, ['debit'], { wait_result: true, ...odd }));
      return { outcome, log: scene.log() };
    },
    expected: { outcome: 'success', log: ['debit 01 action'] },
  },
  {
    id: 'accepted/twice-the-same-member',
    does: 'accepts an object in which a member occurs twice',
    source: 'the Java SDK sends subType twice',
    wires: httpOnly,
    observe: async (scene) => {
      const body = JSON.stringify({ gid: scene.gid, ...saga(scene, ['debit'], { wait_result: true }) });
      const { outcome } = await scene.http.post('submit', body.replace('{', '{"subType":"a","subType":"a",'));
      return { outcome, log: scene.log() };
    },
    expected: { outcome: 'success', log: ['debit 01 action'] },
  },
  {
    id: 'accepted/odd-gids',
    does: 'takes gids with / : space + = & % ? # @ and reaches the branch with them unchanged',
    source: 'dtmsvr/trans_class.go:75',
    wires: byteWires,
    observe: async (scene) => {
      const gid = `${scene.gid}/a:b c+d=e&f%g?h#i@j`;
      const { outcome } = await scene.send('submit', { gid, ...saga(scene, ['debit'], { wait_result: true }) });
      return { outcome, same: scene.calls().map((call) => call.gid === gid), status: await scene.status(gid) };
    },
    expected: { outcome: 'success', same: [true], status: 'succeed' },
  },
  {
    id: 'accepted/prepare-of-a-saga-submitted',
    does: 'refuses the abort of a saga',
    source: 'dtmsvr/api.go:74',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('submit', saga(scene, ['debit'], { wait_result: true }));
      return { outcome: (await scene.send('abort', { trans_type: 'saga' })).outcome };
    },
    expected: { outcome: 'refused' },
  },
  {
    id: 'refused/abort-of-an-unknown-gid',
    does: 'is asked to abort what does not exist',
    source: 'dtmsvr/utils.go:47',
    wires: everyWire,
    observe: async (scene) => {
      const { outcome } = await scene.send('abort', message(scene, ['mail']));
      return { accepted: outcome === 'success' };
    },
    expected: { accepted: false },
  },
];
