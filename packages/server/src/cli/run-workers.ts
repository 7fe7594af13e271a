import type { ResolvedConfig } from '../config/resolve-config.js';
import { openLog } from '../telemetry/log.js';
import { Supervisor, type Ended } from '../workers/supervisor.js';
import { exitCodes, type Output } from './run-command.js';
import { readyLine, stoppedLine, stoppingLine } from './start-lines.js';
import { untilSignal } from './until-signal.js';

/** How much longer than its grace a worker may take to end. */
const lingerMs = 10_000;

/** `tandem start --workers N`: keeps N processes running until a signal ends them well. */
export async function runWorkers({ config, notices }: ResolvedConfig, count: number, output: Output): Promise<number> {
  const log = openLog(config.logLevel);
  for (const notice of notices) log.info(notice);
  const supervisor = new Supervisor(count, log, config.shutdownGraceMs + lingerMs);
  const signalled = untilSignal(() => {
    supervisor.kill();
  });
  const serving = await Promise.race([supervisor.start(), signalled]);
  if (typeof serving === 'object') {
    if ('exitCode' in serving) return report(serving, output);
    output.print(`${readyLine(serving)}, ${String(count)} workers`);
  }
  const ended = await Promise.race([supervisor.ended, signalled]);
  if (typeof ended === 'object') return report(ended, output);
  output.print(stoppingLine(config.shutdownGraceMs, ended));
  supervisor.stop();
  const { exitCode } = await supervisor.ended;
  output.print(stoppedLine);
  return exitCode;
}

function report({ message, exitCode }: Ended, output: Output): number {
  for (const line of (message ?? '').split('\n')) if (line !== '') output.printError(`tandem: ${line}`);
  return exitCode === exitCodes.done ? exitCodes.failed : exitCode;
}
