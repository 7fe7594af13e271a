import type { Case } from '../case.js';
import type { Scene } from '../scene.js';
import type { Members, Reply } from '../wire/wire.js';
import { byteWires, grpcOnly, httpOnly } from './shapes.js';

const input = Buffer.from('{"amount":30}');

function workflow(scene: Scene, more: Members = {}): Members {
  const callback = scene.wireName === 'grpc' ? scene.url('Execute') : scene.url('resume');
  const custom = JSON.stringify({ name: 'transfer', data: input.toString('base64') });
  return { trans_type: 'workflow', query_prepared: callback, custom_data: custom, ...more };
}

const step = (id: string, op: string, data: string, status = 'succeed'): Members => ({
  trans_type: 'workflow',
  branch_id: id,
  op,
  status,
  data,
});

const end = (status: string, more: Members = {}): Members => ({
  trans_type: 'workflow',
  req_extra: { status, rollback_reason: '', result: '', ...more },
});

interface Progress {
  readonly transaction: Members;
  readonly steps: readonly string[];
}

/** The reply of prepareWorkflow in one shape: HTTP has lower-case names and base64, gRPC its own. */
function progress({ body }: Reply): Progress {
  const reply = body as Record<string, unknown>;
  const transaction = (reply['transaction'] ?? reply['Transaction']) as Record<string, unknown>;
  const list = (reply['progresses'] ?? reply['Progresses'] ?? []) as Record<string, unknown>[];
  const member = (from: Record<string, unknown>, plain: string, grpc: string): unknown =>
    from[plain] ?? from[grpc] ?? '';
  return {
    transaction: {
      status: member(transaction, 'status', 'Status'),
      reason: member(transaction, 'rollback_reason', 'RollbackReason'),
      result: member(transaction, 'result', 'Result'),
    },
    steps: list.map((one) => {
      const data = member(one, 'bin_data', 'BinData');
      const text = Buffer.isBuffer(data) ? data.toString() : Buffer.from(String(data), 'base64').toString();
      const words = [
        member(one, 'branch_id', 'BranchID'),
        member(one, 'op', 'Op'),
        member(one, 'status', 'Status'),
        text,
      ];
      return words.join(' ');
    }),
  };
}

const prepare = async (scene: Scene, more: Members = {}): Promise<Progress> =>
  progress(await scene.send('prepareWorkflow', workflow(scene, more)));

export const workflowCases: readonly Case[] = [
  {
    id: 'workflow/begins',
    does: 'creates a workflow and answers with its status and no progress',
    source: 'dtmsvr/api.go:58',
    wires: byteWires,
    observe: async (scene) => ({ ...(await prepare(scene)), stored: await scene.status() }),
    expected: { transaction: { status: 'prepared', reason: '', result: '' }, steps: [], stored: 'prepared' },
  },
  {
    id: 'workflow/progress',
    does: 'gives the recorded steps back, with their data, in the order in which they came',
    source: 'dtmsvr/api.go:62',
    wires: byteWires,
    observe: async (scene) => {
      await prepare(scene);
      const outcomes = [];
      for (const one of [step('01', 'action', '{"id":1}'), step('02', 'action', 'no seats', 'failed')]) {
        outcomes.push((await scene.send('registerBranch', one)).outcome);
      }
      return { outcomes, steps: (await prepare(scene)).steps };
    },
    expected: { outcomes: ['success', 'success'], steps: ['01 action succeed {"id":1}', '02 action failed no seats'] },
  },
  {
    id: 'workflow/step-recorded-twice',
    does: 'hears the same step twice',
    source: 'dtmsvr/storage/boltdb/boltdb.go:232',
    wires: byteWires,
    observe: async (scene) => {
      await prepare(scene);
      await scene.send('registerBranch', step('01', 'action', 'x'));
      const { outcome } = await scene.send('registerBranch', step('01', 'action', 'x'));
      return { outcome, steps: (await prepare(scene)).steps };
    },
    expected: { outcome: 'error', steps: ['01 action succeed x'] },
    differs: {
      tandem: { outcome: 'success', steps: ['01 action succeed x'] },
      verdict: 'ours right',
      reason: 'a repeat after a lost answer is the same step; DTM answers 500',
    },
  },
  {
    id: 'workflow/succeeds',
    does: 'ends with the status and the result that its service submits, and gives the result back',
    source: 'dtmsvr/api.go:23',
    wires: byteWires,
    observe: async (scene) => {
      await prepare(scene);
      await scene.send('registerBranch', step('01', 'action', 'x'));
      const { outcome } = await scene.send('submit', end('succeed', { result: 'cmVzdWx0' }));
      const { transaction } = await prepare(scene);
      return { outcome, stored: await scene.status(), transaction };
    },
    expected: (wire) => ({
      outcome: 'success',
      stored: 'succeed',
      transaction: { status: 'succeed', reason: '', result: wire === 'grpc' ? '' : 'cmVzdWx0' },
    }),
    differs: (wire) =>
      wire === 'grpc'
        ? {
            tandem: {
              outcome: 'success',
              stored: 'succeed',
              transaction: { status: 'succeed', reason: '', result: 'cmVzdWx0' },
            },
            verdict: 'ours right',
            reason: 'DTM forgets the result on gRPC, though its own SDK reads it there',
          }
        : undefined,
  },
  {
    id: 'workflow/keeps-what-it-recorded',
    does: 'tells the steps of a workflow that has ended',
    source: 'dtmsvr/storage/boltdb/boltdb.go:394',
    wires: byteWires,
    observe: async (scene) => {
      await prepare(scene);
      await scene.send('registerBranch', step('01', 'action', 'x'));
      await scene.send('submit', end('succeed'));
      const transaction = await scene.transaction();
      return {
        hasInput: typeof transaction?.['custom_data'] === 'string',
        hasCreateTime: transaction?.['create_time'] !== undefined && transaction['create_time'] !== null,
      };
    },
    expected: { hasInput: false, hasCreateTime: false },
    differs: {
      tandem: { hasInput: true, hasCreateTime: true },
      verdict: 'ours right',
      reason: 'DTM overwrites the record with the body of the submit',
    },
  },
  {
    id: 'workflow/fails',
    does: 'ends as failed with the reason that its service submits',
    source: 'dtmsvr/api.go:23',
    wires: byteWires,
    observe: async (scene) => {
      await prepare(scene);
      const { outcome } = await scene.send('submit', end('failed', { rollback_reason: 'no seats FAILURE' }));
      const { status, reason } = (await prepare(scene)).transaction;
      return { outcome, status, reason };
    },
    expected: { outcome: 'success', status: 'failed', reason: 'no seats FAILURE' },
  },
  {
    id: 'workflow/resumed-over-http',
    does: 'calls the service with op=NAME, branch 00 and the input as the body when it did not end in time',
    source: 'dtmsvr/trans_type_workflow.go:29',
    wires: httpOnly,
    observe: async (scene) => {
      await prepare(scene, { retry_interval: 1 });
      const resumed = await scene.called('resume', 1, 15_000);
      const [call] = scene.calls('resume');
      const { gid, ...query } = call?.query ?? {};
      await scene.send('submit', end('succeed'));
      return { resumed, own: gid === scene.gid, query, method: call?.method, body: call?.body.toString() };
    },
    expected: {
      resumed: true,
      own: true,
      query: { trans_type: 'workflow', branch_id: '00', op: 'transfer' },
      method: 'POST',
      body: input.toString(),
    },
  },
  {
    id: 'workflow/resumed-over-grpc',
    does: 'calls the service with the name in dtm-op and the input as field 1 of WorkflowData',
    source: 'dtmsvr/trans_type_workflow.go:37',
    wires: grpcOnly,
    observe: async (scene) => {
      await prepare(scene, { retry_interval: 1 });
      const resumed = await scene.called('Execute', 1, 15_000);
      const [call] = scene.calls('Execute');
      await scene.send('submit', end('succeed'));
      const workflowData = Buffer.concat([Buffer.from([0x0a, input.length]), input]);
      return { resumed, branchId: call?.branchId, op: call?.op, body: call?.body.equals(workflowData) };
    },
    expected: { resumed: true, branchId: '00', op: 'transfer', body: true },
  },
  {
    id: 'workflow/step-after-the-end',
    does: 'refuses a step of a workflow that has ended',
    source: 'dtmsvr/api.go:125',
    wires: byteWires,
    observe: async (scene) => {
      await prepare(scene);
      await scene.send('submit', end('succeed'));
      return { outcome: (await scene.send('registerBranch', step('01', 'action', 'late'))).outcome };
    },
    expected: { outcome: 'refused' },
    differs: {
      tandem: { outcome: 'ongoing' },
      verdict: 'ours right',
      reason: "DTM's Go SDK takes ABORTED for a step that failed, and rolls back what the workflow has done",
    },
  },
  {
    id: 'workflow/submitted-twice',
    does: 'hears the end of a workflow twice',
    source: 'dtmsvr/api.go:23',
    wires: byteWires,
    observe: async (scene) => {
      await prepare(scene);
      await scene.send('submit', end('succeed', { result: 'eA==' }));
      const again = await scene.send('submit', end('succeed', { result: 'eA==' }));
      return { accepted: again.outcome === 'success', status: await scene.status() };
    },
    expected: { accepted: false, status: 'succeed' },
    differs: {
      tandem: { accepted: true, status: 'succeed' },
      verdict: 'ours right',
      reason: 'a repeat after a lost answer asks for what is so already',
    },
  },
  {
    id: 'workflow/one-verdict',
    does: 'is told that it succeeded and then that it failed',
    source: 'dtmsvr/storage/boltdb/boltdb.go:394',
    wires: byteWires,
    observe: async (scene) => {
      await prepare(scene);
      await scene.send('submit', end('succeed'));
      const again = await scene.send('submit', end('failed', { rollback_reason: 'late' }));
      return { accepted: again.outcome === 'success', status: await scene.status() };
    },
    expected: { accepted: false, status: 'succeed' },
  },
];
