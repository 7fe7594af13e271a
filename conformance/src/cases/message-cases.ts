import type { Case } from '../case.js';
import { byteWires, everyWire, grpcOnly, httpOnly, jsonRpcOnly, message } from './shapes.js';

export const messageCases: readonly Case[] = [
  {
    id: 'msg/prepare-and-submit',
    does: 'holds a prepared message back until it is submitted, then delivers in order',
    source: 'dtmsvr/api.go:22',
    wires: everyWire,
    observe: async (scene) => {
      const prepared = await scene.send('prepare', message(scene, ['mail', 'stock']));
      const held = [await scene.status(), scene.log()];
      const sent = await scene.send('submit', message(scene, ['mail', 'stock'], { wait_result: true }));
      return { outcomes: [prepared.outcome, sent.outcome], held, log: scene.log(), status: await scene.settled() };
    },
    expected: {
      outcomes: ['success', 'success'],
      held: ['prepared', []],
      log: ['mail 01 action', 'stock 02 action'],
      status: 'succeed',
    },
    // DTM waits for nobody here: the record of a prepared message has its own wait_result.
  },
  {
    id: 'msg/submit-without-prepare',
    does: 'takes a submit without a prepare for an ordinary message',
    source: 'dtmsvr/api.go:28',
    wires: everyWire,
    observe: async (scene) => {
      const { outcome } = await scene.send('submit', message(scene, ['mail'], { wait_result: true }));
      return { outcome, log: scene.log(), status: await scene.status() };
    },
    expected: { outcome: 'success', log: ['mail 01 action'], status: 'succeed' },
  },
  {
    id: 'msg/abort',
    does: 'gives a prepared message up, and refuses its submit from then on',
    source: 'dtmsvr/api.go:70',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('prepare', message(scene, ['mail']));
      const aborted = await scene.send('abort', message(scene, ['mail']));
      const sent = await scene.send('submit', message(scene, ['mail']));
      return { outcomes: [aborted.outcome, sent.outcome], log: scene.log(), status: await scene.status() };
    },
    expected: { outcomes: ['success', 'refused'], log: [], status: 'failed' },
  },
  {
    id: 'msg/abort-twice',
    does: 'is asked to abort what it has aborted',
    source: 'dtmsvr/api.go:74',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('prepare', message(scene, ['mail']));
      await scene.send('abort', message(scene, ['mail']));
      return { again: (await scene.send('abort', message(scene, ['mail']))).outcome, status: await scene.status() };
    },
    expected: { again: 'refused', status: 'failed' },
    differs: {
      tandem: { again: 'success', status: 'failed' },
      verdict: 'ours right',
      reason: 'a repeat after a lost answer asks for what is so already',
    },
  },
  {
    id: 'msg/abort-after-submit',
    does: 'refuses to abort a message that was submitted',
    source: 'dtmsvr/api.go:74',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('submit', message(scene, ['mail'], { wait_result: true }));
      return { outcome: (await scene.send('abort', message(scene, ['mail']))).outcome, status: await scene.status() };
    },
    expected: { outcome: 'refused', status: 'succeed' },
  },
  {
    id: 'msg/prepare-twice',
    does: 'accepts a repeated prepare',
    source: 'dtmsvr/api.go:50',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('prepare', message(scene, ['mail']));
      return { again: (await scene.send('prepare', message(scene, ['mail']))).outcome, status: await scene.status() };
    },
    expected: { again: 'success', status: 'prepared' },
  },
  {
    id: 'msg/prepare-after-the-end',
    does: 'hears a late repeat of the prepare of a delivered message',
    source: 'dtmsvr/api.go:50',
    wires: everyWire,
    observe: async (scene) => {
      await scene.send('prepare', message(scene, ['mail']));
      await scene.send('submit', message(scene, ['mail']));
      await scene.settled();
      return { again: (await scene.send('prepare', message(scene, ['mail']))).outcome, log: scene.log() };
    },
    expected: { again: 'refused', log: ['mail 01 action'] },
  },
  {
    id: 'msg/back-check-says-committed',
    does: 'asks the sender after timeout_to_fail, and delivers when the local transaction has committed',
    source: 'dtmsvr/trans_type_msg.go:55',
    wires: byteWires,
    observe: async (scene) => {
      await scene.send('prepare', message(scene, ['mail'], { timeout_to_fail: 1, retry_interval: 1 }));
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'succeed', log: ['sent 00 msg', 'mail 01 action'] },
  },
  {
    id: 'msg/back-check-over-json-rpc',
    does: 'asks the sender by a JSON-RPC method',
    source: 'dtmsvr/trans_status.go:167',
    wires: jsonRpcOnly,
    observe: async (scene) => {
      await scene.send('prepare', message(scene, ['mail'], { timeout_to_fail: 1, retry_interval: 1 }));
      return { status: await scene.settled(8_000), log: scene.log() };
    },
    expected: { status: 'prepared', log: [] },
    differs: {
      tandem: { status: 'succeed', log: ['sent 00 msg', 'mail 01 action'] },
      verdict: 'ours right',
      reason: 'DTM reads the missing payload as an object, panics, and never asks',
    },
  },
  {
    id: 'msg/back-check-call',
    does: 'asks by a GET without a body, with branch 00, op msg and the branch headers',
    source: 'dtmsvr/trans_type_msg.go:59',
    wires: httpOnly,
    observe: async (scene) => {
      const headers = { 'x-tenant': 'blue' };
      const more = { timeout_to_fail: 1, retry_interval: 1, branch_headers: headers };
      await scene.send('prepare', message(scene, ['mail'], more));
      await scene.called('sent');
      const [call] = scene.calls('sent');
      const { gid, ...query } = call?.query ?? {};
      return {
        own: gid === scene.gid,
        query,
        method: call?.method,
        body: call?.body.length,
        tenant: call?.headers['x-tenant'],
      };
    },
    expected: {
      own: true,
      query: { trans_type: 'msg', branch_id: '00', op: 'msg' },
      method: 'GET',
      body: 0,
      tenant: 'blue',
    },
  },
  {
    id: 'msg/back-check-says-rolled-back',
    does: 'gives the message up when the local transaction has not committed',
    source: 'dtmsvr/trans_type_msg.go:62',
    wires: byteWires,
    observe: async (scene) => {
      scene.answer('sent', 'failure');
      await scene.send('prepare', message(scene, ['mail'], { timeout_to_fail: 1, retry_interval: 1 }));
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'failed', log: ['sent 00 msg'] },
  },
  {
    id: 'msg/back-check-says-not-yet',
    does: 'asks again while the local transaction runs, or when the answer is unclear',
    source: 'dtmsvr/trans_type_msg.go:64',
    wires: byteWires,
    observe: async (scene) => {
      scene.answer('sent', 'ongoing', 'unknown', 'success');
      await scene.send('prepare', message(scene, ['mail'], { timeout_to_fail: 1, retry_interval: 1 }));
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'succeed', log: ['sent 00 msg', 'sent 00 msg', 'sent 00 msg', 'mail 01 action'] },
  },
  {
    id: 'msg/prepare-without-back-check',
    does: 'is asked to prepare a message that names no back-check',
    source: 'dtmsvr/trans_status.go:131',
    wires: everyWire,
    observe: async (scene) => {
      const transaction = message(scene, ['mail'], { timeout_to_fail: 1, query_prepared: '' });
      const { outcome } = await scene.send('prepare', transaction);
      return { accepted: outcome === 'success', status: await scene.settled(8_000), log: scene.log() };
    },
    expected: { accepted: true, status: 'succeed', log: ['mail 01 action'] },
    differs: {
      tandem: { accepted: false, status: 'absent', log: [] },
      verdict: 'ours right',
      reason: 'DTM takes the empty URL for a yes: it delivers though nobody knows that the local transaction committed',
    },
  },
  {
    id: 'msg/never-rolls-back',
    does: 'delivers again where a delivery answers failure',
    source: 'dtmsvr/trans_status.go:219',
    wires: everyWire,
    observe: async (scene) => {
      scene.answer('mail', 'failure', 'success');
      await scene.send('submit', message(scene, ['mail', 'stock'], { retry_interval: 1 }));
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'succeed', log: ['mail 01 action', 'mail 01 action', 'stock 02 action'] },
  },
  {
    id: 'msg/delay',
    does: 'delivers after custom_data {"delay": seconds}',
    source: 'dtmsvr/trans_type_msg.go:80',
    wires: byteWires,
    observe: async (scene) => {
      const startedAt = performance.now();
      await scene.send('submit', message(scene, ['mail'], { custom_data: '{"delay":3}' }));
      await scene.called('mail');
      const tookMs = (scene.calls('mail')[0]?.atMs ?? 0) - startedAt;
      return { early: tookMs < 2_900, late: tookMs > 8_000, status: await scene.settled() };
    },
    expected: { early: false, late: false, status: 'succeed' },
  },
  {
    id: 'msg/concurrent',
    does: 'delivers side by side where the message says so',
    source: 'dtmsvr/trans_type_msg.go:94',
    wires: httpOnly,
    observe: async (scene) => {
      for (const name of ['mail', 'stock']) scene.answer(name, { afterMs: 500, then: 'success' });
      await scene.send('submit', message(scene, ['mail', 'stock'], { wait_result: true, concurrent: true }));
      const [first, second] = scene.calls();
      return { together: (second?.atMs ?? Infinity) - (first?.atMs ?? 0) < 400, status: await scene.status() };
    },
    expected: { together: true, status: 'succeed' },
  },
  {
    id: 'msg/mixed-deliveries',
    does: 'delivers a gRPC message to HTTP and gRPC receivers',
    source: 'dtmsvr/trans_status.go:135',
    wires: grpcOnly,
    observe: async (scene) => {
      const steps = [{ action: scene.url('mail', 'grpc') }, { action: scene.url('stock', 'http') }];
      const { outcome } = await scene.send('submit', { ...message(scene, ['a', 'b'], { wait_result: true }), steps });
      return { outcome, via: scene.calls().map(({ via }) => via) };
    },
    expected: { outcome: 'success', via: ['grpc', 'http'] },
  },
];
