import { afterEach, beforeEach, expect, test } from 'vitest';
import { AlertWebHook, type Alert } from '../src/telemetry/alert-web-hook.js';
import { BranchService } from './branch-service.js';
import { saga } from './requests.js';
import { TestServer } from './test-server.js';

let hook: BranchService;
beforeEach(async () => {
  hook = await BranchService.open();
});
afterEach(() => hook.close());

const alert: Alert = {
  gid: 'g1',
  status: 'submitted',
  branch: 'http://host/a',
  error: 'HTTP 500',
  retry_count: 3,
  branch_id: '01',
  op: 'action',
};

function open(more: { now?: () => number } = {}): { alerts: AlertWebHook; failures: unknown[] } {
  const failures: unknown[] = [];
  const failed = (error: unknown): void => void failures.push(error);
  return { alerts: new AlertWebHook({ url: `${hook.url}/hook`, retryLimit: 3, failed, ...more }), failures };
}

test("an alert is a POST with DTM's members", async () => {
  const { alerts } = open();
  alerts.offer(alert);
  await hook.called('/hook');
  expect(hook.calls[0]).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
  expect(JSON.parse(hook.calls[0]?.body ?? '')).toEqual(alert);
  await alerts.close();
});

test('nobody is called before the limit, nor twice within an hour for the same branch operation', async () => {
  let now = 0;
  const { alerts } = open({ now: () => now });
  alerts.offer({ ...alert, retry_count: 2 });
  for (let count = 3; count < 10; count += 1) alerts.offer({ ...alert, retry_count: count });
  alerts.offer({ ...alert, gid: 'g2' });
  await hook.called('/hook', 2);
  now = 3_600_000;
  alerts.offer({ ...alert, retry_count: 20 });
  await hook.called('/hook', 3);
  expect(hook.calls.map(({ body }) => (JSON.parse(body) as Alert).retry_count)).toEqual([3, 3, 20]);
  await alerts.close();
});

test('a hook that fails is told of, and the next alert is sent', async () => {
  hook.answer('/hook', 500);
  const { alerts, failures } = open();
  alerts.offer(alert);
  alerts.offer({ ...alert, gid: 'g2' });
  await hook.called('/hook', 2);
  await alerts.close();
  expect(failures).toHaveLength(2);
});

test('a branch that is tried in vain reaches the hook of a server', async () => {
  hook.answer('/broken', 500);
  const server = await TestServer.start({ alertWebHook: `${hook.url}/hook`, alertRetryLimit: 2, retryIntervalMs: 10 });
  await server.post('submit', saga('alerted', [{ action: `${hook.url}/broken` }], { wait_result: false }));
  await hook.called('/hook');
  expect(JSON.parse(hook.callsOf('/hook')[0]?.body ?? '')).toMatchObject({
    gid: 'alerted',
    status: 'submitted',
    branch: `${hook.url}/broken`,
    retry_count: 2,
  });
  await server.close();
});

test('an alert says which branch, and not the user and password of its URL', async () => {
  hook.answer('/broken', 500);
  const server = await TestServer.start({ alertWebHook: `${hook.url}/hook`, alertRetryLimit: 1, retryIntervalMs: 10 });
  const action = `${hook.url.replace('http://', 'http://ann:hidden@')}/broken?key=1`;
  await server.post('submit', saga('with-password', [{ action }], { wait_result: false }));
  await hook.called('/hook');
  expect(JSON.parse(hook.callsOf('/hook')[0]?.body ?? '')).toMatchObject({ branch: `${hook.url}/broken?key=1` });
  await server.close();
});
