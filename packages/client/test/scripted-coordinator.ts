import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. */
export interface Received {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
}

/** What to answer: a status and a body (an object as JSON) at once or after `delayMs`, a cut connection, or never anything. */
export type Answer =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
      readonly delayMs?: number;
    }
  | 'cut'
  | 'silent';

/** An HTTP server that answers as it is told: what a coordinator, or something else, might say. */
export interface ScriptedCoordinator {
  readonly url: string;
  readonly received: Received[];
  close(): Promise<void>;
}

/** Answers by path from `script`, in order; the last answer of a path stays. */
export async function scriptedCoordinator(
  script: Readonly<Record<string, Answer[]>>,
  port = 0,
): Promise<ScriptedCoordinator> {
  const received: Received[] = [];
  const server = createServer((incoming, outgoing) => {
    void readText(incoming).then((text) => {
      const path = new URL(incoming.url ?? '', 'http://x').pathname.split('/').at(-1) ?? '';
      received.push({
        path,
        body: text === '' ? {} : (JSON.parse(text) as Received['body']),
        headers: incoming.headers,
      });
      const answers = script[path] ?? [];
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 404 };
      if (answer === 'cut') incoming.socket.destroy();
      else if (answer !== 'silent') {
        setTimeout(() => {
          outgoing.writeHead(answer.status, answer.headers);
          outgoing.end(typeof answer.body === 'object' ? JSON.stringify(answer.body) : answer.body);
        }, answer.delayMs ?? 0);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
