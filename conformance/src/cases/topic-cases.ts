import type { Case } from '../case.js';
import type { Scene } from '../scene.js';
import { grpcOnly, httpOnly, payload } from './shapes.js';

const subscription = (scene: Scene, name: string, verb = 'subscribe'): string =>
  `${verb}?topic=${scene.id}&url=${encodeURIComponent(scene.url(name))}&remark=${name}`;

/** Sends to the topic until the server has heard of it: DTM reads its topics anew every few seconds. */
async function publish(scene: Scene): Promise<string> {
  let outcome = '';
  await scene.until(async () => {
    const transaction = { trans_type: 'msg', steps: [{ action: `topic://${scene.id}` }], payloads: [payload] };
    outcome = (await scene.send('submit', { ...transaction, query_prepared: scene.url('sent') })).outcome;
    return outcome === 'success';
  }, 5_000);
  return outcome;
}

export const topicCases: readonly Case[] = [
  {
    id: 'topic/one-subscriber',
    does: 'delivers a step on a topic with one subscriber as branch 01',
    source: 'dtmsvr/trans_type_msg.go:40',
    wires: httpOnly,
    observe: async (scene) => {
      const subscribed = await scene.http.get(subscription(scene, 'mail'));
      const outcome = await publish(scene);
      return { subscribed: subscribed.text, outcome, status: await scene.settled(), log: scene.log() };
    },
    expected: {
      subscribed: '{"dtm_result":"SUCCESS"}',
      outcome: 'success',
      status: 'succeed',
      log: ['mail 01 action'],
    },
  },
  {
    id: 'topic/two-subscribers',
    does: 'delivers to each subscriber as a branch of its own, 01-01 and 01-02',
    source: 'dtmsvr/trans_type_msg.go:41',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.http.get(subscription(scene, 'mail'));
      await scene.http.get(subscription(scene, 'stock'));
      // One poll of DTM's may fall between the two.
      await scene.quiet(2_200);
      await publish(scene);
      return { status: await scene.settled(), log: scene.log() };
    },
    expected: { status: 'succeed', log: ['mail 01-01 action', 'stock 01-02 action'] },
  },
  {
    id: 'topic/over-grpc',
    does: 'subscribes over gRPC, and delivers over HTTP and gRPC',
    source: 'dtmsvr/api_grpc.go:73',
    wires: grpcOnly,
    observe: async (scene) => {
      const outcomes = [];
      for (const [name, via] of [
        ['mail', 'grpc'],
        ['stock', 'http'],
      ] as const) {
        const topic = { Topic: scene.id, URL: scene.url(name, via), Remark: name };
        outcomes.push((await scene.grpc.method('Subscribe', topic)).outcome);
      }
      await scene.quiet(2_200);
      await publish(scene);
      const status = await scene.settled();
      const gone = await scene.grpc.method('DeleteTopic', { Topic: scene.id });
      return { outcomes, status, log: scene.log(), gone: gone.outcome };
    },
    expected: {
      outcomes: ['success', 'success'],
      status: 'succeed',
      log: ['mail 01-01 action', 'stock 01-02 action'],
      gone: 'success',
    },
  },
  {
    id: 'topic/unknown',
    does: 'refuses a message for a topic without subscribers',
    source: 'dtmsvr/trans_type_msg.go:37',
    wires: httpOnly,
    observe: async (scene) => {
      const transaction = { trans_type: 'msg', steps: [{ action: `topic://${scene.id}` }], payloads: [payload] };
      const { outcome, text } = await scene.send('submit', transaction);
      return { outcome, saysSo: /topic.*not found|subscribe/i.test(text), status: await scene.status() };
    },
    expected: { outcome: 'error', saysSo: true, status: 'absent' },
  },
  {
    id: 'topic/subscribed-twice',
    does: 'refuses a subscriber that is there already',
    source: 'dtmsvr/topics.go:60',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.http.get(subscription(scene, 'mail'));
      const again = await scene.http.get(subscription(scene, 'mail'));
      const { body } = await scene.http.get(`queryKV?cat=topics&key=${scene.id}`);
      const [kv] = (body as { kv: { v: string }[] }).kv;
      return { accepted: again.outcome === 'success', subscribers: (JSON.parse(kv?.v ?? '[]') as unknown[]).length };
    },
    expected: { accepted: false, subscribers: 1 },
  },
  {
    id: 'topic/listed',
    does: 'lists a topic with its subscribers by queryKV, v being JSON text',
    source: 'dtmsvr/api_http.go:151',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.http.get(subscription(scene, 'mail'));
      const { body } = await scene.http.get(`queryKV?cat=topics&key=${scene.id}`);
      const [kv] = (body as { kv: { k: string; cat: string; v: string; version: number }[] }).kv;
      const subscribers = JSON.parse(kv?.v ?? '[]') as { url: string; remark: string }[];
      const [first] = subscribers;
      return {
        name: kv?.k === scene.id,
        cat: kv?.cat,
        url: first?.url === scene.url('mail'),
        remark: first?.remark,
        version: kv?.version,
      };
    },
    expected: { name: true, cat: 'topics', url: true, remark: 'mail', version: 1 },
  },
  {
    id: 'topic/unsubscribed',
    does: 'takes a subscriber away, and refuses to do so twice',
    source: 'dtmsvr/topics.go:70',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.http.get(subscription(scene, 'mail'));
      await scene.http.get(subscription(scene, 'stock'));
      const gone = await scene.http.get(subscription(scene, 'mail', 'unsubscribe'));
      const again = await scene.http.get(subscription(scene, 'mail', 'unsubscribe'));
      return { gone: gone.outcome, againAccepted: again.outcome === 'success' };
    },
    expected: { gone: 'success', againAccepted: false },
  },
  {
    id: 'topic/deleted',
    does: 'deletes a topic',
    source: 'dtmsvr/api_http.go:176',
    wires: httpOnly,
    observe: async (scene) => {
      await scene.http.get(subscription(scene, 'mail'));
      const deleted = await scene.http.request('DELETE', `topic/${scene.id}`);
      const { body } = await scene.http.get(`queryKV?cat=topics&key=${scene.id}`);
      return { deleted: deleted.text, left: (body as { kv: unknown[] | null }).kv?.length ?? 0 };
    },
    expected: { deleted: '{"dtm_result":"SUCCESS"}', left: 0 },
  },
];
