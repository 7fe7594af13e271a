/**
 * Transcripts: a line is a command, and what durable state says after it (status, then what is called or waited for):
 *
 *     01 action unknown      submitted   waits 10 for http://a1
 *
 * Commands: `register ID` (TCC: `register ID on`, a letter for each URL), `record ID [op status result]` (workflow), `succeed
 * RESULT` and `fail REASON` (a workflow's submit), an answer (`01 action success`), `submit [delay]`, `abort`, `forceStop`, `pause`, `resume`, `retryNow`, `wake`
 * (time goes on to what the plan waits for), `after MS` (time goes on), `look` (nothing). A refusal or an event without
 * effect is said in brackets.
 */
import type { BranchOp, BranchResult, Reaction, Registration } from '../../src/index.js';
import { tccBranch, workflowStep, xaBranch } from './definitions.js';
import type { DrivenTransaction } from './driven-transaction.js';

/** Plays the commands of a transcript; the answer equals the transcript if it is right. */
export function play(run: DrivenTransaction, transcript: string): string {
  const commands = linesOf(transcript).map((line) => line.split(/ {2,}/)[0] ?? '');
  return commands.map((command) => `${command.padEnd(26)} ${stateAfter(run, command)}`.trimEnd()).join('\n');
}

/** A transcript without its indentation, each line in two columns. */
export function tidy(transcript: string): string {
  return linesOf(transcript)
    .map((line) => {
      const [command = '', ...rest] = line.split(/ {2,}/);
      return `${command.padEnd(26)} ${rest.join('  ')}`.trimEnd();
    })
    .join('\n');
}

function linesOf(transcript: string): readonly string[] {
  return transcript
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function stateAfter(run: DrivenTransaction, command: string): string {
  const reaction = act(run, command);
  const asked = askedFor(run);
  const note = reaction === undefined || reaction.kind === 'changed' ? '' : `  (${reaction.kind})`;
  return `${run.status}  ${asked}${note}`;
}

function act(run: DrivenTransaction, command: string): Reaction | undefined {
  const [verb = '', ...rest] = command.split(' ');
  const argument = rest.join(' ');
  switch (verb) {
    case 'submit':
      return run.happens({ kind: 'submit', delayMs: Number(argument || '0') });
    case 'abort':
    case 'forceStop':
    case 'pause':
      return run.happens({ kind: verb, reason: argument });
    case 'resume':
    case 'retryNow':
      return run.happens({ kind: verb });
    case 'register':
      return run.happens({ kind: 'registerBranch', registration: registrationOf(run, rest) });
    case 'record': {
      const [branchId = '', op = 'action', status = 'succeed', result] = rest;
      const registration = workflowStep(branchId, op as BranchOp, status as 'succeed' | 'failed', result);
      return run.happens({ kind: 'registerBranch', registration });
    }
    case 'succeed':
      return run.happens({ kind: 'submit', delayMs: 0, verdict: { status: 'succeed', reason: '', result: argument } });
    case 'fail':
      return run.happens({ kind: 'submit', delayMs: 0, verdict: { status: 'failed', reason: argument, result: '' } });
    case 'after':
      run.now += Number(argument);
      return undefined;
    case 'wake':
      run.now = run.wakeAt() ?? run.now;
      return undefined;
    case 'look':
      return undefined;
    default:
      return run.answers(`${verb} ${rest[0] ?? ''}`, (rest[1] ?? '') as BranchResult['kind']);
  }
}

function registrationOf({ tx }: DrivenTransaction, [branchId = '', urls]: readonly string[]): Registration {
  return tx.definition.type === 'xa' ? xaBranch(branchId) : tccBranch(branchId, urls);
}

function askedFor(run: DrivenTransaction): string {
  const plan = run.settle();
  switch (plan.kind) {
    case 'calls': {
      const calls = plan.calls.map((call) => `${call.branchId} ${call.op}`).join(', ');
      return plan.wakeAt === undefined
        ? `calls ${calls}`
        : `calls ${calls}, looks again in ${String(plan.wakeAt - run.now)}`;
    }
    case 'wait':
      return `waits ${String(plan.wakeAt - run.now)}${plan.waitsFor === undefined ? '' : ` for ${plan.waitsFor}`}`;
    default:
      return plan.kind;
  }
}
