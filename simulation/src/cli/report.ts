import type { Draw } from '../draw/draw.js';
import type { Problem } from '../oracles/problems.js';
import { faultNames, pathNames, type Tally } from '../tally.js';
import type { Progress } from './all-seeds.js';

const hourMs = 3_600_000;

export function progressLine({ seeds, virtualMs, tally }: Progress, elapsedMs: number): string {
  const rate = elapsedMs === 0 ? 0 : (seeds * 1_000) / elapsedMs;
  const parts = [
    `${grouped(seeds)} seeds`,
    `${rate.toFixed(0)}/s`,
    `${(virtualMs / hourMs).toFixed(1)} h of virtual time`,
  ];
  return [...parts, `${grouped(tally.faults)} faults`].join(', ');
}

/** How often each fault was injected and each rare path walked. */
export function tallyText(tally: Tally): string {
  const line = (names: typeof faultNames | typeof pathNames): string =>
    names.map((name) => `${name} ${String(tally.of(name))}`).join(', ');
  return `faults: ${line(faultNames)}\nrare paths: ${line(pathNames)}`;
}

export function problemsText(problems: readonly Problem[]): string {
  return problems.map(({ kind, text }) => `  ${kind}: ${text}`).join('\n');
}

/** What is left of a draw, for a person. */
export function drawText({ nodes, transactions, incidents, network, store, policy }: Draw): string {
  const lines = [
    `nodes ${String(nodes)}`,
    `network ${JSON.stringify(network)}`,
    `store ${JSON.stringify(store)}`,
    `policy ${JSON.stringify(policy)}`,
    ...transactions.map((tx) => JSON.stringify(tx)),
    ...incidents.map((incident) => JSON.stringify(incident)),
  ];
  return lines.map((line) => `  ${line}`).join('\n');
}

export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
