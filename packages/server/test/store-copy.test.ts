import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../src/cli/run-command.js';
import { parseStoreArguments } from '../src/cli/store-arguments.js';
import { locationOfUrl } from '../src/config/store-location.js';
import { openStore } from '../src/main/open-store.js';
import { BranchService } from './branch-service.js';
import { message, saga } from './requests.js';
import { engines, sqlitePlace, type StorePlace } from './store-places.js';
import { TandemProcess } from './tandem-process.js';

let places: StorePlace[];
let running: TandemProcess[];
let branch: BranchService;

beforeEach(async () => {
  places = [];
  running = [];
  branch = await BranchService.open();
});

afterEach(async () => {
  await Promise.all(running.map((process) => process.end()));
  await Promise.all(places.map((place) => place.drop()));
  await branch.close();
});

async function place(open: () => Promise<StorePlace>): Promise<string> {
  const opened = await open();
  places.push(opened);
  return opened.url;
}

async function node(url: string): Promise<{ readonly process: TandemProcess; readonly url: string }> {
  const process = new TandemProcess(['start', '--http-port', '0', '--grpc-port', '0', '--store', url]);
  running.push(process);
  return { process, url: await process.url() };
}

async function tandem(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const print = (text: string) => (out += `${text}\n`);
  const code = await runCommand(args, {}, { print, printError: (text) => (err += `${text}\n`) });
  return { code, out, err };
}

const digestOf = (out: string): string | undefined => /^digest: +(\w+)$/m.exec(out)?.[1];

function submit(server: string, body: object): Promise<Response> {
  return fetch(`${server}/api/dtmsvr/submit`, { method: 'POST', body: JSON.stringify(body) });
}

/** A store with finished transactions, one that waits for a participant, and a topic; nobody serves it any more. */
async function filled(url: string): Promise<void> {
  const first = await node(url);
  branch.answer('/broken', 500);
  await submit(first.url, saga('done', [{ action: `${branch.url}/a` }, { action: `${branch.url}/b` }]));
  await submit(first.url, message('sent', [`${branch.url}/c`]));
  await submit(first.url, saga('open', [{ action: `${branch.url}/a` }, { action: `${branch.url}/broken` }]));
  await fetch(`${first.url}/api/dtmsvr/subscribe?topic=t&url=${encodeURIComponent(`${branch.url}/t`)}&remark=`);
  first.process.signal('SIGTERM');
  await first.process.exited;
}

const there = engines.filter(({ needs }) => needs === '');
const absent = engines.filter((engine) => !there.includes(engine));

test.skipIf(there.length === 0)(
  `from engine to engine and back nothing changes${absent.map(({ needs }) => needs).join('')}`,
  async () => {
    const stops = [await place(sqlitePlace)];
    for (const { open } of there) stops.push(await place(open));
    stops.push(await place(sqlitePlace));
    await filled(stops[0] ?? '');
    const digests = new Set<string | undefined>();
    for (const [at, to] of stops.entries()) {
      if (at === 0) continue;
      const { code, out } = await tandem('store', 'copy', '--from', stops[at - 1] ?? '', '--to', to);
      expect(out).toMatch(/^finished: +2 in the source, 2 written, 0 left as they were$/m);
      expect(out).toMatch(/^unfinished: +1 in the source, 1 written/m);
      expect(code).toBe(0);
      digests.add(digestOf(out));
    }
    expect([...digests]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    branch.answer('/broken', 200);
    const last = await node(stops.at(-1) ?? '');
    const again = saga('open', [{ action: `${branch.url}/a` }, { action: `${branch.url}/broken` }]);
    await fetch(`${last.url}/api/dtmsvr/retryNow`, { method: 'POST', body: JSON.stringify({ gid: 'open' }) });
    expect((await submit(last.url, again)).status).toBe(200);
    expect(branch.callsOf('/a')).toHaveLength(2);
  },
);

describe('what a node is told that starts on the wrong store', () => {
  test('after a move, before its end, and after tandem store unmark', async () => {
    const [from, to] = [await place(sqlitePlace), await place(sqlitePlace)];
    await filled(from);
    expect(await tandem('store', 'copy', '--from', from, '--to', to, '--finished-only')).toMatchObject({ code: 0 });
    const early = new TandemProcess([
      'start',
      '--http-port',
      '0',
      '--grpc-port',
      '0',
      '--store',
      to,
      '--log-level',
      'silent',
    ]);
    running.push(early);
    expect(await early.exited).toMatchObject({ code: 1 });
    expect(early.errors).toContain(`no node may start on ${to}: it is an unfinished copy of ${from}`);

    expect(await tandem('store', 'copy', '--from', from, '--to', to)).toMatchObject({ code: 0 });
    const late = new TandemProcess([
      'start',
      '--http-port',
      '0',
      '--grpc-port',
      '0',
      '--store',
      from,
      '--log-level',
      'silent',
    ]);
    running.push(late);
    expect(await late.exited).toMatchObject({ code: 1 });
    expect(late.errors).toContain(`no node may start on ${from}: its transactions were moved to ${to} at `);
    expect((await tandem('store', 'check', from)).out).toContain(`mark:        moved to ${to}; no node starts on it`);

    expect((await tandem('store', 'unmark', from)).out).toBe(`${from}: nodes may start on it again\n`);
    expect((await tandem('store', 'unmark', from)).out).toBe(`${from} has no mark\n`);
    const { url } = await node(from);
    expect((await fetch(`${url}/api/ready`)).status).toBe(200);
  });
});

describe.each(engines)('$name', ({ needs, open }) => {
  test.skipIf(needs !== '')(`while a node serves the source only what has finished is copied${needs}`, async () => {
    const [from, to] = [await place(open), await place(sqlitePlace)];
    const first = await node(from);
    await submit(first.url, saga('done', [{ action: `${branch.url}/a` }]));
    const refused = await tandem('store', 'copy', '--from', from, '--to', to);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/is served by node \w+ .*: stop every node/);
    expect(await tandem('store', 'copy', '--from', from, '--to', to, '--finished-only')).toMatchObject({ code: 0 });
    await submit(first.url, saga('later', [{ action: `${branch.url}/a` }]));
    first.process.signal('SIGTERM');
    await first.process.exited;
    const { code, out } = await tandem('store', 'copy', '--from', from, '--to', to);
    expect(out).toMatch(/^finished: +2 in the source, 1 written, 1 left as they were$/m);
    expect(code).toBe(0);
  });

  test.skipIf(needs !== '')(
    `a node that was paused while its store was moved away ends when it wakes up${needs}`,
    async () => {
      const [from, to] = [await place(open), await place(sqlitePlace)];
      const args = [
        'start',
        '--http-port',
        '0',
        '--grpc-port',
        '0',
        '--store',
        from,
        '--lease',
        '1',
        '--lease-skew',
        '0.1',
      ];
      const paused = new TandemProcess([...args, '--node-heartbeat', '0.2']);
      running.push(paused);
      branch.answer('/broken', 500);
      await submit(await paused.url(), saga('open', [{ action: `${branch.url}/broken` }], { wait_result: false }));
      await branch.called('/broken');
      paused.signal('SIGSTOP');
      let moved = await tandem('store', 'copy', '--from', from, '--to', to);
      while (moved.code !== 0) {
        expect(moved.err).toContain('stop every node');
        await sleep(200);
        moved = await tandem('store', 'copy', '--from', from, '--to', to);
      }
      const callsBefore = branch.calls.length;
      paused.signal('SIGCONT');
      expect(await paused.exited).toMatchObject({ code: 1 });
      expect(paused.errors).toContain('the store was moved away');
      expect(branch.calls).toHaveLength(callsBefore);
    },
  );
});

test('a copier that is killed at any moment leaves stores that a repeat completes', async () => {
  const from = await place(sqlitePlace);
  const source = await openStore(locationOfUrl(from));
  const head = {
    type: 'saga',
    status: 'succeed',
    isPaused: false,
    dueAt: undefined,
    waitsFor: '',
    createdAt: 1,
    updatedAt: 1,
    finishedAt: 1,
    state: '',
  };
  const items = Array.from({ length: 6_000 }, (_, at) => {
    const [gid, body] = [`g${String(at)}`, 'b'.repeat(200)];
    return {
      kind: 'create',
      gid,
      token: gid,
      head: { ...head, createdAt: at + 1 },
      body,
      rows: [],
      lease: undefined,
    } as const;
  });
  await source.write(items.slice(0, 5_000));
  await source.write(
    items.slice(5_000).map((item) => ({ ...item, head: { ...item.head, finishedAt: undefined, dueAt: 5 } })),
  );
  await source.close();
  const to = await place(there[0]?.open ?? sqlitePlace);
  for (const lifeMs of [350, 500, 650, 800]) {
    const copier = new TandemProcess(['store', 'copy', '--from', from, '--to', to]);
    running.push(copier);
    await Promise.race([sleep(lifeMs), copier.exited]);
    await copier.end();
  }
  const { code, out } = await tandem('store', 'copy', '--from', from, '--to', to);
  expect(out).toMatch(/^compared: +6,000, all the same$/m);
  expect(code).toBe(0);
});

describe('a folder without a store', () => {
  test.each([
    ['check', 'store', 'check', 'FROM'],
    ['unmark', 'store', 'unmark', 'FROM'],
    ['copy', 'store', 'copy', '--from', 'FROM', '--to', 'TO'],
    ['dry run', 'store', 'copy', '--dry-run', '--from', 'FROM', '--to', 'TO'],
  ])('is told, and not made into one: %s', async (_name, ...args) => {
    const folder = `${(await place(sqlitePlace)).slice('sqlite:'.length)}/misspelt`;
    const to = await place(sqlitePlace);
    const { code, err } = await tandem(
      ...args.map((arg) => (arg === 'FROM' ? `sqlite:${folder}` : arg === 'TO' ? to : arg)),
    );
    expect(err).toBe(`tandem: there is no store in sqlite:${folder}: correct the folder\n`);
    expect(code).toBe(1);
    expect(existsSync(folder)).toBe(false);
    expect(readdirSync(to.slice('sqlite:'.length))).toEqual([]);
  });

  test('is not made by a dry run to it', async () => {
    const [from, to] = [await place(sqlitePlace), await place(sqlitePlace)];
    const source = await openStore(locationOfUrl(from));
    await source.close();
    expect(await tandem('store', 'copy', '--dry-run', '--from', from, '--to', to)).toMatchObject({ code: 0 });
    expect(readdirSync(to.slice('sqlite:'.length))).toEqual([]);
  });
});

test('a store that nobody ever used is not moved', async () => {
  const [from, to] = [await place(sqlitePlace), await place(sqlitePlace)];
  await (await openStore(locationOfUrl(from))).close();
  const { code, err } = await tandem('store', 'copy', '--from', from, '--to', to);
  expect(err).toBe(`tandem: there is nothing in ${from}, and no node was ever seen on it: correct the URL\n`);
  expect(code).toBe(1);
  expect((await tandem('store', 'check', from)).out).not.toContain('mark:');
});

test.each(['store', 'tx', 'nodes', 'start'])('%s --help is help', async (command) => {
  expect(await tandem(command, '--help')).toMatchObject({ code: 0, err: '' });
});

test("a misspelt zone of DTM's machine is refused, not taken for UTC", async () => {
  const { code, err } = await tandem(
    ...[
      'store',
      'copy',
      '--from',
      'dtm+mysql://u:hunter2@127.0.0.1:1/dtm?timezone=%2B08:00',
      '--to',
      await place(sqlitePlace),
    ],
  );
  expect(err).toContain("?timezone is not known: the zone of DTM's machine is ?timeZone=");
  expect(code).toBe(1);
});

test('a password that the URL leaves out is taken from the environment, as by a node', () => {
  const environment = { STORE_PASSWORD: 'p@ss', TANDEM_STORE: 'redis://u@h' };
  expect(parseStoreArguments(['check'], environment)).toMatchObject({ store: { url: 'redis://u:p%40ss@h' } });
  expect(parseStoreArguments(['unmark', 'redis://u:own@h'], environment)).toMatchObject({
    store: { url: 'redis://u:own@h' },
  });
  expect(parseStoreArguments(['check', 'sqlite:x'], environment)).toMatchObject({
    store: { engine: 'sqlite', folder: 'x' },
  });
});

describe('wrong usage', () => {
  test.each([
    [['store'], 'store needs an act: copy, check or unmark'],
    [['store', 'move'], 'there is no act "store move"'],
    [['store', 'copy', '--to', 'sqlite:x'], 'store needs --from, or TANDEM_STORE_FROM in the environment'],
    [['store', 'copy', 'a', 'b'], 'store copy takes its stores by --from URL and --to URL'],
    [
      ['store', 'copy', '--from', 'dtm+redis://u:hunter2@h', '--to', 'sqlite:x'],
      "DTM's tables on other engines are not read",
    ],
    [
      ['store', 'copy', '--from', 'dtm+mysql://u:x#hunter2@h/dtm', '--to', 'sqlite:x'],
      '--from must be a URL whose user, password and query are escaped',
    ],
    [
      ['store', 'copy', '--from', 'sqlite:x', '--to', 'http://u:hunter2@h'],
      '--to must be a URL that begins with sqlite:',
    ],
    [['store', 'check', 'sqlite:x', '--dry-run'], 'store check takes no --dry-run'],
  ])('%j', async (args, problem) => {
    const { code, err } = await tandem(...args);
    expect(err).toContain(problem);
    expect(err).not.toContain('hunter2');
    expect(code).toBe(2);
  });
});
