/** What the compiler would tell in TypeScript is told in JavaScript too, before anything is begun; and what only looks like a coordinator. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { backCheckHandler, Barrier, branchHandler, createClient, InvalidUse, type Client } from '@tandem/client';
import { grpcCoordinator } from '@tandem/client/grpc';
import { nodeListener } from '@tandem/client/node';
import { createWorkflows } from '@tandem/client/workflow';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startTandem } from './coordinator-processes.js';

/** Nothing listens there: who gets as far as calling fails otherwise than by the mistake. */
const url = 'http://127.0.0.1:9';
const tandem: Client = createClient({ url, repeats: 0 });
const workflows = () => createWorkflows(tandem, { url: `${url}/workflow` });
const wrong = (value: unknown) => value as never;
const both = { action: url, compensate: null };

const mistakes: Readonly<Record<string, [act: () => unknown, told: RegExp]>> = {
  'no options': [() => createClient(wrong(undefined)), /createClient takes an object with url, coordinator/],
  'a url in place of options': [() => createClient(wrong(url)), /takes an object with url.* not "http:/],
  'no url': [() => createClient(wrong({})), /url must be where the coordinator is/],
  'a url without its scheme': [() => createClient({ url: 'localhost:36789' }), /such as http:\/\/127.0.0.1:36789/],
  'a misspelt option of the client': [() => createClient(wrong({ url, timout: '1s' })), /has no option "timout"/],
  'repeats that are no number': [() => createClient({ url, repeats: wrong('3') }), /repeats must be a whole number/],
  'a misspelt option of a saga': [
    () => tandem.saga(wrong({ timeoutToFial: '1s' })),
    /saga has no option "timeoutToFial"/,
  ],
  'a misspelt option of a retry': [
    () =>
      tandem
        .saga({ retry: wrong({ intervall: '1s' }) })
        .step('a', both)
        .submit(),
    /retry has no option "intervall", but interval/,
  ],
  'a misspelt option of a submit': [
    () =>
      tandem
        .saga()
        .step('a', both)
        .submit(wrong({ waitresult: true })),
    /submit has no option "waitresult", but waitResult, signal/,
  ],
  'a misspelt compensation': [
    () => tandem.saga().step('a', wrong({ action: url, compensation: url })),
    /step "a" has no option "compensation", but action, compensate/,
  ],
  'a forgotten compensation': [
    () => tandem.saga().step('a', wrong({ action: url })),
    /compensate of step "a" is missing: its URL, or null/,
  ],
  'a function for a URL': [
    () => tandem.saga().step('a', wrong({ action: () => 1, compensate: null })),
    /action of step "a" must be the URL that is called, not a function/,
  ],
  'a message to nowhere': [() => tandem.message().add(wrong(undefined)), /a receiver must be the URL/],
  'a misspelt option of a message': [() => tandem.message(wrong({ dealy: '1s' })), /message has no option "dealy"/],
  'a back-check that is no URL': [
    () =>
      tandem
        .message()
        .add(url)
        .doAndSubmit('/check', () => 1),
    /must be where backCheckHandler is served, not "\/check"/,
  ],
  'a TCC without code': [() => tandem.tcc(wrong({})), /what tcc runs must be a function/],
  'a misspelt option of a TCC': [
    () => tandem.tcc(wrong({ timeout: '1s' }), () => 1),
    /tcc has no option "timeout", but gid/,
  ],
  'an XA without code': [() => tandem.xa({}, wrong(undefined)), /what xa runs must be a function/],
  'workflows without a scheme': [
    () => createWorkflows(tandem, { url: 'localhost:8080/workflow' }),
    /url must be where the workflows' handler is served, such as/,
  ],
  'a misspelt option of a workflow': [
    () => workflows().define('w', wrong({ inputs: 1 }), () => 1),
    /workflow "w" has no option "inputs"/,
  ],
  'a forgotten compensation of a function': [
    () =>
      workflows()
        .saga('s')
        .step('a', wrong({ action: () => 1 })),
    /compensate of step "a" \(or null where there is nothing to undo\) must be a function/,
  ],
  'a branch that is no function': [
    () => branchHandler(wrong({})),
    /first argument of branchHandler must be a function/,
  ],
  'a handler called with another request': [
    () => branchHandler(() => 1)(wrong({ url: '/debit', method: 'POST' })),
    /takes a Request of fetch: else use nodeListener, expressBranch/,
  ],
  'a listener of one handler': [() => nodeListener(wrong(branchHandler(() => 1))), /takes handlers by their paths/],
  'a path without its slash': [() => nodeListener({ debit: branchHandler(() => 1) }), /"debit" must begin with \//],
  'a barrier on the pool itself': [
    () =>
      new Barrier({ gid: 'g', transType: 'saga', branchId: '01', op: 'action' }).transaction(
        wrong({}),
        wrong(() => 1),
      ),
    /takes what pg\(pool\), mysql\(pool\) or the like made/,
  ],
  'a gRPC address with a scheme': [
    () => grpcCoordinator({ address: 'grpc://127.0.0.1:9' }),
    /address must be host:port, such as 127.0.0.1:36790/,
  ],
  'no gRPC address': [() => grpcCoordinator(wrong({})), /address must be where the coordinator is/],
};

test.each(Object.entries(mistakes))('%s', async (_, [act, told]) => {
  const error: unknown = await new Promise((resolve) => resolve(act())).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InvalidUse);
  expect(error).toMatchObject({ code: 'INVALID_OPTION', message: told });
});

test('a branch of a TCC without its confirm is told before it is registered, and the TCC is given up', async () => {
  const calls: string[] = [];
  const coordinator = await served((request, response) => {
    calls.push(request.url?.split('/').at(-1) ?? '');
    response.setHeader('content-type', 'application/json');
    response.end('{"dtm_result":"SUCCESS"}');
  });
  const forgotten = createClient({ url: coordinator }).tcc((tcc) => tcc.branch('seat', wrong({ try: url })));
  await expect(forgotten).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: /confirm of branch "seat" is missing/,
  });
  expect(calls).toEqual(['prepare', 'abort']);
});

test.each([
  ['a cycle', circular(), /circular/],
  ['a bigint', 1n, /BigInt/],
  ['a function', () => 1, /a function/],
  ['a Map', new Map([[1, 2]]), /a Map/],
  ['what is not awaited', Promise.resolve(1), /a Promise, which is not awaited/],
  ['what is not awaited, inside', { seats: [Promise.resolve(1)] }, /a Promise at "0", which is not awaited/],
  ['a pattern', /x/, /a RegExp/],
  ['an error', new Error('x'), /a Error/],
  ['an invalid date', { at: new Date(NaN) }, /an invalid Date at "at"/],
  ['bytes inside', { key: new Uint8Array(2) }, /a Uint8Array at "key"/],
  ['undefined in a list', [undefined], /undefined at "0"/],
])('a payload that is %s', (_, payload, told) => {
  expect(() => tandem.saga().step('a', { ...both, payload })).toThrow(
    expect.objectContaining({ code: 'INVALID_PAYLOAD', message: expect.stringMatching(told) }),
  );
});

test.each([
  ['text', 'hello'],
  ['null', null],
  [
    'an instance of a class',
    new (class Money {
      readonly amount = 1;
    })(),
  ],
  ['a date', new Date(0)],
  ['what says itself how it is JSON', { toJSON: () => 'so' }],
  ['numbers in boxes', [Object(1), Object('a')]],
])('a payload that is %s is taken', (_, payload) => {
  expect(() => tandem.saga().step('a', { ...both, payload })).not.toThrow();
});

describe('what answers and is no coordinator', () => {
  const answers: Readonly<Record<string, RequestListener>> = {
    'a web site': (_, response) => response.end('<html>hello</html>'),
    'another service with JSON': (_, response) => response.end('{"hello":"world"}'),
    'another service that knows no such path': (_, response) => response.writeHead(404).end('{"error":"not found"}'),
  };
  test.each(Object.entries(answers))('%s', async (_, listener) => {
    const other = createClient({ url: await served(listener) });
    const told = { code: 'COORDINATOR_UNREACHABLE', message: /something answers at .*, but not a coordinator's API/ };
    await expect(other.saga().step('a', both).submit()).rejects.toMatchObject(told);
    await expect(other.query('g')).rejects.toMatchObject(told);
    await expect(other.tcc(() => undefined)).rejects.toMatchObject(told);
    const workflow = createWorkflows(other, { url: `${url}/workflow` }).define('w', () => undefined);
    await expect(workflow.run(undefined)).rejects.toMatchObject(told);
  });

  test('a wrong path, and the port of the other wire', async () => {
    const running = await startTandem();
    onTestFinished(() => running.close());
    const submitted = (client: Client) => client.saga().step('a', both).submit();
    const path = submitted(createClient({ url: `${running.url}/dtm` }));
    await expect(path).rejects.toMatchObject({ code: 'COORDINATOR_UNREACHABLE', message: /check the url/ });
    const httpToGrpc = submitted(createClient({ url: `http://${running.grpcAddress}`, repeats: 0 }));
    await expect(httpToGrpc).rejects.toMatchObject({ code: 'COORDINATOR_UNREACHABLE', message: /is the url right/ });
    const coordinator = grpcCoordinator({ address: new URL(running.url).host, repeats: 0 });
    onTestFinished(() => coordinator.close());
    const told = { code: 'COORDINATOR_UNREACHABLE', message: /port of its gRPC and not of its HTTP/ };
    await expect(submitted(createClient({ coordinator }))).rejects.toMatchObject(told);
  });
});

test('who stops waiting gets the reason of his signal, and not an error of this package', async () => {
  const running = await startTandem();
  onTestFinished(() => running.close());
  const leaving = new AbortController();
  const { signal } = leaving;
  // He stops when his saga is under way.
  const slow = await served(() => leaving.abort(new DOMException('he has left', 'TimeoutError')));
  const saga = createClient({ url: running.url }).saga({ gid: 'left' }).step('a', { action: slow, compensate: null });
  await expect(saga.submit({ waitResult: true, signal })).rejects.toSatisfy((error) => error === signal.reason);
  expect(await createClient({ url: running.url }).query('left')).toMatchObject({ status: 'submitted' });
});

test('a back-check handler on a path that the coordinator does not call is told so', async () => {
  const check = backCheckHandler(wrong({}), { onError: () => undefined });
  const response = await check(new Request(`${url}/check`));
  expect([response.status, await response.json()]).toMatchObject([400, { code: 'NOT_A_BRANCH_CALL' }]);
});

function circular(): object {
  const one: Record<string, unknown> = {};
  one['one'] = one;
  return one;
}

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
