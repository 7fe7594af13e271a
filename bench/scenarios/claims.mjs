/** 10,000 due transactions and four processes that claim them at once: how fast, and each exactly once. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runCaptured } from '../../scripts/processes/run-captured.mjs';

const claimants = 4;
const defaultCount = 10_000;
/** Most that one claim takes: the server's default. */
const claimMax = 256;

/** @param {string} name */
const program = (name) => fileURLToPath(new URL(`../store/${name}`, import.meta.url));

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function claims({ storeUrl, count: asked, engine }) {
  const count = asked || defaultCount;
  await runCaptured(process.execPath, [program('fill-due.mjs'), storeUrl, String(count)]);
  const nodes = await Promise.all(Array.from({ length: claimants }, () => startClaimant(storeUrl)));
  const engineCpuBefore = engine?.usage().cpuSeconds ?? 0;
  const startedAt = Date.now();
  const results = await Promise.all(nodes.map((node) => node.claim()));
  const seconds = (Math.max(...results.map(({ endedAt }) => endedAt)) - startedAt) / 1000;
  const gids = results.flatMap((result) => result.gids);
  return {
    due: count,
    claimants,
    claimed: gids.length,
    claimedTwice: gids.length - new Set(gids).size,
    perSecond: gids.length / seconds,
    claims: results.reduce((sum, { claims }) => sum + claims, 0),
    claimedByEach: results.map((result) => result.gids.length),
    ...(engine === undefined ? {} : { engineCpuSeconds: engine.usage().cpuSeconds - engineCpuBefore }),
  };
}

/** @typedef {{ gids: string[], claims: number, endedAt: number }} Claimed */

/** @param {string} storeUrl @returns {Promise<{ claim: () => Promise<Claimed> }>} */
async function startClaimant(storeUrl) {
  const args = [program('claim-process.mjs'), storeUrl, String(claimMax)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    if (line.done === true) throw new Error('a claimant has ended');
    return line.value;
  };
  await next();
  return {
    async claim() {
      child.stdin.write('\n');
      return JSON.parse(await next());
    },
  };
}
