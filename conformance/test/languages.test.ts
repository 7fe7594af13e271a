/** One saga and one TCC over services in four languages, each with the SDK of its language, begun by each of them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { languages, type LanguageBank } from './language-banks.js';
import { startTandem, type ServerProcess } from './servers.js';

const here = languages.filter(({ isHere }) => isHere);
const amounts = [-30, -20, 10, 40];
let server: ServerProcess | undefined;
let banks: ReadonlyMap<string, LanguageBank> = new Map();

beforeAll(async () => {
  const coordinator = await startTandem();
  server = coordinator;
  const opened = await Promise.allSettled(here.map(({ open }) => open(coordinator)));
  banks = new Map(
    opened.flatMap((one, index) => (one.status === 'fulfilled' ? [[here[index]?.name ?? '', one.value]] : [])),
  );
  for (const one of opened) if (one.status === 'rejected') throw one.reason;
}, 600_000);
afterAll(async () => {
  await Promise.all([...banks.values()].map(({ stop }) => stop()));
  await server?.stop();
});

function bankOf(name: string): string {
  const bank = banks.get(name);
  if (bank === undefined) throw new Error(`no bank in ${name}`);
  return bank.url;
}

async function post(url: string, body: unknown): Promise<number> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  await response.text();
  return response.status;
}

async function stateOf(language: string, account: string): Promise<unknown> {
  const response = await fetch(`${bankOf(language)}/balance?account=${account}`);
  return response.json();
}

async function statusOf(gid: string): Promise<string | undefined> {
  const response = await fetch(`${server?.http ?? ''}/api/dtmsvr/query?gid=${gid}`);
  return ((await response.json()) as { transaction: { status: string } | null }).transaction?.status;
}

/** An account of 100 in every bank, and a transaction over all of them that this language begins. */
async function begin(language: string, kind: 'saga' | 'tcc', last?: number): Promise<string> {
  const gid = `languages-${randomUUID()}`;
  const branches = here.map(({ name }, index) => ({ bank: bankOf(name), account: gid, amount: amounts[index] ?? 0 }));
  for (const { bank } of branches) expect(await post(`${bank}/open`, { account: gid, balance: 100 })).toBe(200);
  const refused = branches.map((one, index) =>
    index === branches.length - 1 && last !== undefined ? { ...one, amount: last } : one,
  );
  await post(`${bankOf(language)}/begin-${kind}`, { gid, branches: refused });
  return gid;
}

async function balances(account: string): Promise<readonly unknown[]> {
  return Promise.all(here.map(({ name }) => stateOf(name, account)));
}

const moved = here.map((_, index) => ({ balance: 100 + (amounts[index] ?? 0), frozen: 0 }));
const untouched = here.map(() => ({ balance: 100, frozen: 0 }));

describe.each(languages.map((one) => [`${one.name} (needs ${one.needs})`, one] as const))(
  '%s',
  (_title, { name, isHere, undoes, begins }) => {
    describe.each(begins)('a %s over all languages', (kind) => {
      test.runIf(isHere)('succeeds', async () => {
        const gid = await begin(name, kind);
        await expect.poll(() => statusOf(gid)).toBe('succeed');
        expect(await balances(gid)).toEqual(moved);
      });

      test.runIf(isHere)('rolls back', async () => {
        const gid = await begin(name, kind, -1_000);
        await expect.poll(() => statusOf(gid)).toBe('failed');
        expect(await balances(gid)).toEqual(untouched);
      });
    });

    const operations = {
      saga: { forth: ['adjust', 'action'], back: ['undo', 'compensate'], after: { balance: 70, frozen: 0 } },
      tcc: { forth: ['try', 'try'], back: ['cancel', 'cancel'], after: { balance: 70, frozen: 30 } },
    } as const;
    const atFirst = { balance: 100, frozen: 0 };

    describe.each(['saga', 'tcc'] as const)('a branch of a %s', (kind) => {
      const { forth, back, after } = operations[kind];
      const call = ([path, op]: readonly [string, string], gid: string): Promise<number> => {
        const query = `gid=${gid}&trans_type=${kind}&branch_id=01&op=${op}`;
        return post(`${bankOf(name)}/${path}?${query}`, { account: gid, amount: -30 });
      };
      const opened = async (): Promise<string> => {
        const gid = `languages-${randomUUID()}`;
        await post(`${bankOf(name)}/open`, { account: gid, balance: 100 });
        return gid;
      };

      test.runIf(isHere)('that is called twice takes effect once', async () => {
        const gid = await opened();
        for (const [operation, state] of [
          [forth, after],
          [forth, after],
          [back, atFirst],
          [back, atFirst],
        ] as const) {
          expect(await call(operation, gid)).toBe(200);
          expect(await stateOf(name, gid)).toEqual(state);
        }
      });

      if (!undoes.includes(kind)) return;
      test.runIf(isHere)('that is called after what undoes it changes nothing', async () => {
        const gid = await opened();
        expect(await call(back, gid)).toBe(200);
        expect(await stateOf(name, gid)).toEqual(atFirst);
        await call(forth, gid);
        expect(await stateOf(name, gid)).toEqual(atFirst);
      });
    });
  },
);
