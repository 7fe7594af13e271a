import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { prepared, saga, tccBranch, verdict, workflow, xaBranch } from './requests.js';
import { TestServer } from './test-server.js';
import { ended, viewOf } from './transaction-watch.js';

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const requestTimeoutMs = 150;
/** Gives a call up soon, and calls again. */
let server: TestServer;
/** Waits for answers as long as servers do: a call that it makes twice was not given up because the machine is busy. */
let patient: TestServer;

beforeAll(async () => {
  const short = { retryIntervalMs: 40, retryIntervalMaxMs: 80, workflowRetryIntervalMs: 40, breakerOpenMs: 50 };
  server = await TestServer.start({ ...short, requestTimeoutMs, workflowResumeTimeoutMs: requestTimeoutMs });
  patient = await TestServer.start({ ...short, requestTimeoutMs: 30_000, workflowResumeTimeoutMs: 30_000 });
});

afterAll(async () => {
  await server.close();
  await patient.close();
});

/** A participant on bare TCP, so that it can do what no HTTP library lets it. Its first call goes wrong, all others are answered. */
class FaultyParticipant {
  calls = 0;
  #server: Server | undefined;
  /** Not one that the system chose: it might lend it to somebody's connection while this participant is down. */
  #port: number | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #first: (socket: Socket, participant: FaultyParticipant) => void;
  /** Done before each proper answer. */
  readonly #work: () => Promise<void>;

  constructor(first: (socket: Socket, participant: FaultyParticipant) => void, work: () => Promise<void>) {
    this.#first = first;
    this.#work = work;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  async open(): Promise<void> {
    this.#port ??= await freePort();
    const opened = createServer((socket) => {
      this.#sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('data', () => {
          this.calls += 1;
          if (this.calls === 1) this.#first(socket, this);
          else
            void this.#work().then(
              () => socket.write(ok),
              () => socket.destroy(),
            );
        });
    });
    this.#server = opened;
    opened.listen(this.#port, '127.0.0.1');
    await once(opened, 'listening');
  }

  /** As when its process is killed: no port, no connections. */
  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

const faults: readonly (readonly [string, (socket: Socket, participant: FaultyParticipant) => void])[] = [
  [
    'is killed after its work, and comes back',
    (_socket, participant) => {
      participant.close();
      setTimeout(() => void participant.open(), 120);
    },
  ],
  ['hangs', () => undefined],
  ['drops the connection after its work', (socket) => socket.destroy()],
  ['answers late', (socket) => setTimeout(() => socket.write(ok), requestTimeoutMs * 2)],
  ['answers half', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n{')],
  ['answers what is no HTTP', (socket) => socket.end('220 smtp ready\r\n')],
];

const types: readonly (readonly [string, string, (at: TestServer, gid: string, url: string) => Promise<void>])[] = [
  [
    'saga',
    'succeed',
    async (at, gid, url) => {
      await at.post('submit', saga(gid, [{ action: url }], { wait_result: false }));
    },
  ],
  [
    'confirm of a TCC',
    'succeed',
    async (at, gid, url) => {
      await at.post('prepare', prepared(gid, 'tcc'));
      await at.post('registerBranch', tccBranch(gid, '01', url));
      await at.post('submit', prepared(gid, 'tcc'));
    },
  ],
  [
    'cancel of a TCC',
    'failed',
    async (at, gid, url) => {
      await at.post('prepare', prepared(gid, 'tcc'));
      await at.post('registerBranch', tccBranch(gid, '01', url));
      await at.post('abort', prepared(gid, 'tcc'));
    },
  ],
  [
    'commit of an XA',
    'succeed',
    async (at, gid, url) => {
      await at.post('prepare', prepared(gid, 'xa'));
      await at.post('registerBranch', xaBranch(gid, '01', url));
      await at.post('submit', prepared(gid, 'xa'));
    },
  ],
  [
    'rollback of an XA',
    'failed',
    async (at, gid, url) => {
      await at.post('prepare', prepared(gid, 'xa'));
      await at.post('registerBranch', xaBranch(gid, '01', url));
      await at.post('abort', prepared(gid, 'xa'));
    },
  ],
  [
    'resume of a workflow',
    'succeed',
    async (at, gid, url) => {
      await at.post('prepareWorkflow', workflow(gid, `${url}/run`, 'x'));
    },
  ],
];

describe.each(types)('%s', (type, status, start) => {
  test.each(faults)('whose participant %s comes to its one end by calling it again', async (fault, first) => {
    const gid = `${type}, ${fault}`;
    const submits = type.startsWith('resume');
    const work = async (): Promise<void> => {
      if (submits) await server.post('submit', verdict(gid, 'succeed'));
    };
    const participant = new FaultyParticipant(first, work);
    await participant.open();
    await start(server, gid, participant.url);
    expect(await ended(server, gid)).toMatchObject({ status });
    expect(participant.calls).toBeGreaterThanOrEqual(2);
    if (!submits) {
      const { branches } = await viewOf(server, gid);
      expect(branches.filter((branch) => branch['status'] === 'succeed')).toHaveLength(1);
    }
    participant.close();
  });

  test('whose participant answers twice takes the first answer, and no other call takes the second', async () => {
    const gid = `${type}, twice`;
    const submits = type.startsWith('resume');
    const participant = new FaultyParticipant(
      (socket) => {
        const answer = () => socket.write(`${ok}HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}`);
        if (submits) void patient.post('submit', verdict(gid, 'succeed')).then(answer, () => socket.destroy());
        else answer();
      },
      () => Promise.resolve(),
    );
    await participant.open();
    await start(patient, gid, participant.url);
    expect(await ended(patient, gid)).toMatchObject({ status });
    expect(participant.calls).toBe(1);
    participant.close();
  });
});
