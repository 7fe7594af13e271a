import { Agent, createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Delivery } from './delivery.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Something that stands before a service, at a port of its own. */
export interface Proxy {
  readonly port: number;
  readonly delivery: Pick<Delivery<never>, 'deeds' | 'calm'>;
  readonly close: () => Promise<void>;
}

const answerLimitMs = 10_000;

/** Stands before the service at `port`. An answer that does not come ends the caller's connection. */
export async function httpProxy(port: number, delivery: Delivery<Answer>): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await buffer(incoming);
      const answer = await delivery.deliver(callOf(incoming), () => send({ port, agent, incoming, body }));
      if (answer === undefined) throw new Error('the caller is not told');
      outgoing.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
      outgoing.end(answer.body);
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    delivery,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function callOf({ url = '' }: IncomingMessage) {
  const query = new URL(url, 'http://localhost').searchParams;
  return { gid: query.get('gid') ?? '', branch: query.get('branch_id') ?? '', op: query.get('op') ?? '' };
}

interface Sent {
  readonly port: number;
  readonly agent: Agent;
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
}

function send({ port, agent, incoming, body }: Sent): Promise<Answer> {
  const { url = '/', method = 'POST', headers } = incoming;
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: url, method, agent, timeout: answerLimitMs };
    const outgoing = request({ ...options, headers: { 'content-type': headers['content-type'] ?? '' } }, (response) => {
      buffer(response).then(
        (text) => resolve({ status: response.statusCode ?? 500, headers: response.headers, body: text }),
        reject,
      );
    });
    outgoing.on('error', reject).on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.end(body);
  });
}
