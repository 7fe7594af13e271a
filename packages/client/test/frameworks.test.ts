/** Branches inside real frameworks, called over HTTP by a real coordinator: the body parsed before, or not. */
import 'reflect-metadata';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import bodyParser from '@koa/bodyparser';
import Router from '@koa/router';
import {
  All,
  Controller,
  Module,
  Req,
  Res,
  type MiddlewareConsumer,
  type NestApplicationOptions,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createClient, type Client, type RequestHandler } from '@tandem/client';
import { expressBranch } from '@tandem/client/express';
import { fastifyBranches } from '@tandem/client/fastify';
import { koaBranch } from '@tandem/client/koa';
import express from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import Koa2 from 'koa2';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTandem, type RunningCoordinator } from './coordinator-processes.js';
import { listening, startParticipant, type Participant, type Serve } from './participant.js';

type Routes = Readonly<Record<string, RequestHandler>>;

const hono: Serve = async (routes) => {
  const app = new Hono();
  for (const [path, handler] of Object.entries(routes)) app.all(path, (c) => handler(c.req.raw));
  return listening(createAdaptorServer(app) as Server);
};

/** Mounted under a path, so that the router cuts it from the URL. */
const byExpress =
  (framework: typeof express | typeof express4, ...parsers: express.RequestHandler[]): Serve =>
  async (routes) => {
    const app = (framework as typeof express)();
    const router = (framework as typeof express).Router();
    for (const parser of parsers) app.use(parser);
    for (const [path, handler] of Object.entries(routes)) router.all(path, expressBranch(handler));
    app.use('/branches', router);
    const served = await listening(createServer(app));
    return { ...served, url: `${served.url}/branches` };
  };

const byFastify: Serve = async (routes) => {
  const app = fastify();
  await app.register(fastifyBranches(routes), { prefix: '/branches' });
  app.post('/elsewhere', async (request) => ({ parsed: request.body }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url: `${url}/branches`, close: () => app.close() };
};

const byKoa =
  (app: Koa, ...parsers: Koa.Middleware[]): Serve =>
  async (routes) => {
    const router = new Router({ prefix: '/branches' });
    for (const [path, handler] of Object.entries(routes)) router.all(path, koaBranch(handler));
    for (const parser of parsers) app.use(parser);
    app.use(router.routes());
    const served = await listening(createServer((request, response) => void app.callback()(request, response)));
    return { ...served, url: `${served.url}/branches` };
  };

const nestListening = async (module: new () => object, rawBody = false) => {
  const options: Pick<NestApplicationOptions, 'rawBody' | 'logger'> = { rawBody, logger: ['error'] };
  const app = await NestFactory.create(module, options as NestApplicationOptions);
  await app.listen(0, '127.0.0.1');
  return { url: (await app.getUrl()).replace('[::1]', '127.0.0.1'), close: () => app.close() };
};

const nestMiddleware: Serve = async (routes) => {
  class Branches {
    configure(consumer: MiddlewareConsumer): void {
      for (const [path, handler] of Object.entries(routes)) consumer.apply(expressBranch(handler)).forRoutes(path);
    }
  }
  Module({})(Branches);
  return nestListening(Branches);
};

/** As decorators do it, which this repository's compiler settings do not have. */
function controllerOf(routes: Routes): new () => object {
  class Branches {
    call(request: IncomingMessage & { path: string }, response: ServerResponse): Promise<void> {
      const handler = routes[request.path];
      if (handler === undefined) throw new Error(`nothing at ${request.path}`);
      return expressBranch(handler)(request, response);
    }
  }
  const method = Object.getOwnPropertyDescriptor(Branches.prototype, 'call');
  if (method === undefined) throw new Error('no method');
  Req()(Branches.prototype, 'call', 0);
  Res()(Branches.prototype, 'call', 1);
  All(Object.keys(routes))(Branches.prototype, 'call', method);
  Controller()(Branches);
  return Branches;
}

const nestController =
  (rawBody: boolean): Serve =>
  async (routes) => {
    class App {
      readonly name = 'app';
    }
    Module({ controllers: [controllerOf(routes)] })(App);
    return nestListening(App, rawBody);
  };

let coordinator: RunningCoordinator;
let tandem: Client;
beforeAll(async () => {
  coordinator = await startTandem();
  tandem = createClient({ url: coordinator.url });
});
afterAll(() => coordinator.close());

const frameworks: readonly (readonly [string, () => Serve])[] = [
  ['Hono', () => hono],
  ['Express 5', () => byExpress(express)],
  ['Express 5 behind express.json', () => byExpress(express, express.json())],
  ['Express 5 behind express.raw', () => byExpress(express, express.raw({ type: '*/*' }))],
  ['Express 4', () => byExpress(express4)],
  ['Express 4 behind express.json', () => byExpress(express4, express4.json())],
  ['Fastify 5', () => byFastify],
  ['Koa 3', () => byKoa(new Koa())],
  ['Koa 3 behind a body parser', () => byKoa(new Koa(), bodyParser())],
  ['Koa 2', () => byKoa(new Koa2() as unknown as Koa)],
  ['NestJS 11, as a middleware', () => nestMiddleware],
  ['NestJS 11, in a controller', () => nestController(false)],
  ['NestJS 11, in a controller, with raw bodies', () => nestController(true)],
];

describe.each(frameworks)('%s', (_, serve) => {
  let participant: Participant;
  beforeEach(async () => {
    participant = await startParticipant(serve());
    return () => participant.close();
  });
  const at = (path: string) => ({
    action: `${participant.url}${path}`,
    compensate: `${participant.url}/undo`,
    payload: { amount: 3 },
  });
  const called = async (path: string, query: string, body?: string): Promise<readonly [number, unknown]> => {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? { headers } : { method: 'POST', body, headers };
    const response = await fetch(`${participant.url}${path}${query}`, init);
    return [response.status, await response.json()];
  };
  const action = '?gid=g%2F%26&trans_type=saga&branch_id=01&op=action';
  const success = { dtm_result: 'SUCCESS' };

  test('a saga succeeds', async () => {
    await tandem.saga().step('add', at('/add')).submit({ waitResult: true });
    expect(participant.balance()).toBe(3);
    expect(participant.calls).toEqual(['add action 01 done']);
  });

  test('a saga is refused, and undone, and says why', async () => {
    const saga = tandem.saga().step('add', at('/add')).step('refuse', at('/refuse'));
    const status = async () => (await tandem.query(saga.gid))?.status;
    const refused = { code: 'TRANSACTION_FAILED', reason: expect.stringContaining('sold out') };
    await expect(saga.submit({ waitResult: true })).rejects.toMatchObject(refused);
    await expect.poll(status).toBe('failed');
    expect(participant.calls.at(-1)).toBe('undo compensate 01 done');
    expect(participant.balance()).toBe(0);
  });

  test('a call that comes twice is done once', async () => {
    const call = () => called('/add', action, '{"amount":3}');
    expect([await call(), await call()]).toEqual([
      [200, success],
      [200, success],
    ]);
    expect(participant.calls).toEqual(['add action 01 done', 'add action 01 repeated']);
    expect(participant.balance()).toBe(3);
  });

  test('errors are the statuses that a coordinator reads', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const post = async (path: string, query = action) => (await called(path, query, '{}'))[0];
    expect(await post('/refuse')).toBe(409);
    expect(await post('/ongoing')).toBe(425);
    expect(await post('/broken')).toBe(500);
    expect(await post('/add', '')).toBe(400);
    expect(told).toHaveBeenCalledOnce();
    told.mockRestore();
  });

  test('a back-check answers, asked by GET and without a body', async () => {
    const check = '?gid=m&trans_type=msg&branch_id=00&op=msg';
    expect((await called('/check', check))[0]).toBe(409);
    const local = tandem.message().add(`${participant.url}/add`, { amount: 1 });
    await local.doAndSubmit(`${participant.url}/check`, (barrier) => participant.pay(barrier, 1), { waitResult: true });
    expect(await called('/check', check.replace('gid=m', `gid=${local.gid}`))).toEqual([200, success]);
  });

  test('a call by POST without a body, as the second phase of an XA, arrives', async () => {
    expect((await called('/check', '?gid=x&trans_type=msg&branch_id=00&op=msg', ''))[0]).toBe(409);
  });
});

describe('a body that was parsed before', () => {
  const echo: RequestHandler = async (request) => new Response(await request.text());
  const behind = async (parser: express.RequestHandler, body: string, type: string): Promise<string> => {
    const served = await byExpress(express, parser)({ '/echo': echo });
    const response = await fetch(`${served.url}/echo`, { method: 'POST', body, headers: { 'content-type': type } });
    await served.close();
    return `${response.status} ${await response.text()}`;
  };

  test('is JSON again, a text in it too', async () => {
    const json = express.json({ strict: false });
    expect(await behind(json, '{"a": "zwölf"}', 'application/json')).toBe('200 {"a":"zwölf"}');
    expect(await behind(json, '"{}"', 'application/json; charset=utf-8')).toBe('200 "{}"');
    expect(await behind(express.text(), '"{}"', 'text/plain')).toBe('200 "{}"');
  });

  test('is what came, where no parser wanted it', async () => {
    expect(await behind(express.json(), '{"a": 1}', 'text/plain')).toBe('200 {"a": 1}');
  });

  test('and got lost, is told as that', async () => {
    const using: express.RequestHandler = (request, _, next) => void request.on('end', next).resume();
    expect(await behind(using, '{"a": 1}', 'application/json')).toMatch(/^500 .*mount the branch before it/);
  });
});

test("the README's frameworks serve a branch and a back-check", async () => {
  const { expressApp, fastifyApp, honoApp, koaApp } = await import('./readme/serving.js');
  const servers = [
    await listening(createServer(expressApp)),
    await listening(createServer((request, response) => void koaApp.callback()(request, response))),
    await listening(createAdaptorServer(honoApp) as Server),
    { url: await fastifyApp.listen({ host: '127.0.0.1', port: 0 }), close: () => fastifyApp.close() },
  ];
  for (const { url, close } of servers) {
    const debit = await fetch(`${url}/debit?gid=g&trans_type=tcc&branch_id=01&op=try`, {
      method: 'POST',
      body: '{"amount":3}',
    });
    expect(await debit.json()).toEqual({ taken: 3 });
    expect((await fetch(`${url}/check?gid=g&trans_type=msg&branch_id=00&op=msg`)).status).toBe(409);
    await close();
  }
});
