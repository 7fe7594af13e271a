import type { AuditResult } from './audit/audit.js';
import type { Missing } from './faults/fault.js';

/** What a run came to. */
export interface Outcome extends AuditResult {
  readonly seed: number;
  readonly loadMs: number;
  /** How often each fault struck. */
  readonly counts: ReadonlyMap<string, number>;
  readonly missing: readonly (Missing & { readonly name: string })[];
  /** In ms, shortest first. */
  readonly recoveries: readonly number[];
  readonly starts: number;
  /** The kinds that were asked for alone, after the faults. */
  readonly madeUp: readonly string[];
}

const shownPerCheck = 5;

/** The closing lines: figures, faults, checks, and the counts that CI reads. */
export function summary(outcome: Outcome): string[] {
  const { checks, missing, seed } = outcome;
  const failed = checks.filter(({ broken }) => broken.length > 0).length;
  const skipped = missing.length > 0 ? `, ${String(missing.length)} skipped` : '';
  return [
    '',
    ...figures(outcome),
    '',
    'Faults struck',
    ...[...outcome.counts].map(([name, count]) => `  ${name.padEnd(22)} ${String(count)}`),
    ...missing.map(({ name, why }) => `  ${name.padEnd(22)} !!! NOT RUN !!! ${why}`),
    '',
    'Promises',
    ...checks.flatMap(({ name, broken }) => [
      `  ${broken.length === 0 ? 'kept  ' : 'BROKEN'} ${name}`,
      ...broken.slice(0, shownPerCheck).map((text) => `           ${text}`),
      ...(broken.length > shownPerCheck ? [`           and ${String(broken.length - shownPerCheck)} more`] : []),
    ]),
    '',
    ...(failed === 0 ? [] : [`seed ${String(seed)}`]),
    `${String(checks.length - failed)} passed, ${String(failed)} failed${skipped}`,
  ];
}

function figures({ succeeded, failed, loadMs, starts, recoveries, madeUp }: Outcome): string[] {
  const perSecond = ((succeeded + failed) / loadMs) * 1_000;
  const median = recoveries[Math.floor(recoveries.length / 2)];
  const worst = recoveries.at(-1);
  const recovery =
    median === undefined || worst === undefined
      ? 'no kill, or nothing was asked for after it'
      : `median ${seconds(median)}, worst ${seconds(worst)}, of ${String(recoveries.length)}`;
  return [
    `Transactions: ${String(succeeded)} succeeded, ${String(failed)} failed, ${perSecond.toFixed(0)}/s over ${seconds(loadMs)}`,
    `Starts of the coordinator: ${String(starts)}`,
    `From a kill until the next transaction succeeds: ${recovery}`,
    ...(madeUp.length === 0 ? [] : [`Made up alone after the faults: ${madeUp.join(', ')}`]),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
