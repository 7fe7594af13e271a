import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodeListener } from '@tandem/client/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let server: Server;
let url: string;
beforeEach(async () => {
  const echo = async (request: Request): Promise<Response> =>
    Response.json({
      method: request.method,
      search: new URL(request.url).search,
      text: await request.text(),
      header: request.headers.get('x-a'),
    });
  const broken = (): Promise<Response> => Promise.reject(new Error('a handler that throws'));
  server = createServer(nodeListener({ '/echo': echo, '/broken': broken }, { bodyBytesMax: 1_000 }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

describe('the bridge to node:http', () => {
  test('hands on method, query, headers and body', async () => {
    const response = await fetch(`${url}/echo?gid=a%26b`, { method: 'POST', body: 'zwölf', headers: { 'x-a': '1' } });
    expect(await response.json()).toEqual({ method: 'POST', search: '?gid=a%26b', text: 'zwölf', header: '1' });
  });

  test('hands on a GET without a body', async () => {
    expect(await (await fetch(`${url}/echo`)).json()).toMatchObject({ method: 'GET', text: '' });
  });

  test('knows only its paths', async () => {
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });

  test('refuses a body over the limit', async () => {
    expect((await fetch(`${url}/echo`, { method: 'POST', body: 'x'.repeat(1_001) })).status).toBe(413);
  });

  test('a handler that throws is a 500, not the end of the process', async () => {
    expect((await fetch(`${url}/broken`, { method: 'POST', body: '1' })).status).toBe(500);
  });
});
