import type { CopyStage } from '../moving/copy-store.js';
import type { CopyReport, Counted } from '../moving/copy-report.js';
import type { Output } from './run-command.js';

const everyMs = 2_000;

/** Says every two seconds how far a copy is, and how fast it goes. */
export class CopyProgress {
  readonly #output: Output;
  readonly #startedAt = performance.now();
  #saidAt = performance.now();
  #stage: CopyStage | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  tell(stage: CopyStage, report: CopyReport): void {
    const now = performance.now();
    if (stage === this.#stage && now - this.#saidAt < everyMs) return;
    if (stage !== 'done') this.#output.printError(`tandem: ${lineOf(stage, report, (now - this.#startedAt) / 1000)}`);
    this.#stage = stage;
    this.#saidAt = now;
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }
}

function lineOf(stage: Exclude<CopyStage, 'done'>, report: CopyReport, seconds: number): string {
  if (stage === 'comparing')
    return `comparing: ${count(report.verified)} so far, ${count(report.problemCount)} problems`;
  const { found, written } = report[stage];
  const all = report.finished.written + report.unfinished.written;
  const rate = seconds > 0.5 ? `, ${count(Math.round(all / seconds))}/s` : '';
  return `copying ${stage} transactions: ${count(found)} seen, ${count(written)} written${rate}`;
}

/** The end of a copy for a person. */
export function copyText(report: CopyReport, seconds: number, isFinishedOnly: boolean): string {
  const { finished, unfinished, keyValues, verified, digest, problems, problemCount } = report;
  const written = finished.written + unfinished.written;
  const lines = [
    `finished:    ${countedText(finished)}`,
    isFinishedOnly ? 'unfinished:  left in the source' : `unfinished:  ${countedText(unfinished)}`,
    `key-values:  ${count(keyValues)} written`,
    `compared:    ${count(verified)}, ${problemCount === 0 ? 'all the same' : `${count(problemCount)} problems`}`,
    `digest:      ${digest ?? ''}`,
    `took:        ${seconds.toFixed(1)} s, ${count(Math.round(written / Math.max(seconds, 0.001)))} written a second`,
    ...problems.map(({ gid, reason }) => `problem:     ${oneLine(gid)}: ${oneLine(reason)}`),
  ];
  if (problemCount > problems.length) lines.push(`problem:     and ${count(problemCount - problems.length)} more`);
  return lines.join('\n');
}

function countedText({ found, written }: Counted): string {
  return `${count(found)} in the source, ${count(written)} written, ${count(Math.max(0, found - written))} left as they were`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
