/** The first thing that anybody reads: the example of the repository's README is compiled, and run with other addresses. */
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { branchHandler } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { expect, onTestFinished, test } from 'vitest';
import { regionOf } from '../../../scripts/documentation/region-of.mjs';
import { startTandem } from './coordinator-processes.js';
import { balanceOf } from './readme/accounts.js';
import type * as example from './readme/first.js';

const copy = new URL('./readme/first.generated.ts', import.meta.url);
const textOf = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');

test('the first example is what is compiled here, and there is no other', async () => {
  const snippet = regionOf(await textOf('./readme/first.ts'), 'first');
  expect(snippet).not.toBe('');
  const readme = await textOf('../../../README.md');
  expect(readme).toContain(`\`\`\`ts\n${snippet}\n\`\`\``);
  expect(readme.match(/```ts/g)).toHaveLength(1);
});

test('it moves the money, and does so once for its gid', async () => {
  const deposits: unknown[] = [];
  const coordinator = await startTandem();
  onTestFinished(() => coordinator.close());
  const running: { first?: typeof example } = {};
  const banks = createServer(
    nodeListener({
      '/withdraw': (request) => running.first?.withdraw(request) ?? Promise.reject(new Error('not yet')),
      '/deposit': branchHandler(({ payload }) => void deposits.push(payload)),
    }),
  ).listen(0, '127.0.0.1');
  onTestFinished(() => {
    banks.close();
    banks.closeAllConnections();
  });
  await once(banks, 'listening');
  const url = `http://127.0.0.1:${String((banks.address() as AddressInfo).port)}`;
  const source = (await textOf('./readme/first.ts')).replaceAll(/http:\/\/bank-[ab]/g, url);
  await writeFile(copy, source.replace('http://localhost:36789', coordinator.url));
  onTestFinished(() => rm(fileURLToPath(copy), { force: true }));
  const first = (await import(copy.href)) as typeof example;
  running.first = first;

  expect(await first.transfer()).toMatchObject({ gid: 'transfer-4711', status: 'succeed' });
  expect(balanceOf('ann')).toBe(70);
  await first.transfer();
  expect(balanceOf('ann')).toBe(70);
  expect(deposits).toEqual([{ to: 'bob', amount: 30 }]);
});
