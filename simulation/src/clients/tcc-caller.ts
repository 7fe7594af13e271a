/**
 * The caller of a TCC: prepares, registers each branch before it tries it, and submits if every try has succeeded, else aborts.
 * It may stop anywhere, as if it had died there.
 */
import { parseRegistration, type BranchResult } from '@tandem/protocol';
import type { TransactionDraw } from '../draw/draw.js';
import { branchId, hostUrl } from '../types/draw-parts.js';
import type { World } from '../world.js';
import { sendAsks, type Told } from './send-asks.js';

const registerTriesMax = 3;
const registerEveryMs = 700;
const tryTimeoutMs = 1_500;
const tryTriesMax = 3;

export function actAsTccCaller(tx: TransactionDraw, world: World): void {
  let isPrepared = false;
  const prepares = tx.asks.filter(({ verb }) => verb === 'prepare');
  sendAsks(world, tx, prepares, 0, (_ask, answer) => {
    if (isPrepared || answer.kind !== 'done') return;
    isPrepared = true;
    goOn(tx, world, 0);
  });
}

/** Registers and tries one branch after the other, from `index` on. */
function goOn(tx: TransactionDraw, world: World, index: number): void {
  const isDone = index === tx.steps.length;
  if (isDone || (tx.local === 'isForgotten' && index === tx.steps.length - 1)) {
    decide(tx, world, isDone);
    return;
  }
  register(tx, world, index, (answer) => {
    if (answer.kind === 'refused') decide(tx, world, false);
    else {
      attemptAgain(tx, world, index, 1);
    }
  });
}

/** A try without a clear answer is asked again: behind its barrier it happens once. */
function attemptAgain(tx: TransactionDraw, world: World, index: number, tries: number): void {
  attempt(tx, world, index, (result) => {
    if (result === 'success') goOn(tx, world, index + 1);
    else if (result === 'failure' || tries === tryTriesMax) decide(tx, world, false);
    else attemptAgain(tx, world, index, tries + 1);
  });
}

function decide(tx: TransactionDraw, world: World, isTried: boolean): void {
  if (tx.local === 'isForgotten') {
    world.tally.count('clientGivesUp');
    return;
  }
  const decisions = tx.asks.filter(({ verb }) => verb !== 'prepare');
  const asks = isTried ? decisions : decisions.map((ask) => ({ ...ask, verb: 'abort' as const, waitMs: 0 }));
  sendAsks(world, tx, asks, world.time.now);
}

/** Asks again a few times; whoever hears nothing does not try the branch. */
function register(tx: TransactionDraw, world: World, index: number, heard: (answer: Told) => void): void {
  const id = branchId(index);
  const url = (path: string): string => hostUrl(tx.hosts?.[index] ?? 0, path);
  const body = { gid: tx.gid, trans_type: 'tcc', branch_id: id, data: `{"step":${String(index)}}` };
  const whole = { ...body, confirm: url('confirm'), cancel: url('cancel') };
  let isOver = false;
  const hear = (answer: Told): void => {
    if (isOver) return;
    isOver = true;
    heard(answer);
  };
  const send = (tries: number): void => {
    if (isOver) return;
    if (tries > registerTriesMax) {
      hear({ kind: 'refused', code: 'NO_ANSWER' });
      return;
    }
    world.doors.ask(
      { place: (index + tries) % world.draw.nodes, verb: 'registerBranch', gid: tx.gid, branchId: id, note: id },
      async (coordinator) => {
        const { gid, registration } = parseRegistration(whole);
        return coordinator.registerBranch(gid, registration);
      },
      (answer) => {
        if (answer.kind === 'done' || answer.code === 'WRONG_STATUS') hear(answer);
      },
    );
    world.time.in(registerEveryMs, () => {
      send(tries + 1);
    });
  };
  send(1);
}

/** The caller's own call of a branch's try. */
function attempt(
  tx: TransactionDraw,
  world: World,
  index: number,
  heard: (result: BranchResult['kind']) => void,
): void {
  const host = `h${String(tx.hosts?.[index] ?? 0)}`;
  let isOver = false;
  const hear = (result: BranchResult['kind']): void => {
    if (isOver) return;
    isOver = true;
    world.transcript.say('caller', () => `${tx.gid} ${branchId(index)} try: ${result}`);
    heard(result);
  };
  world.time.in(tryTimeoutMs, () => {
    hear('unknown');
  });
  world.carry(
    {
      gid: tx.gid as Parameters<World['carry']>[0]['gid'],
      transactionType: 'tcc',
      branchId: branchId(index),
      op: 'try',
      url: `http://${host}/try`,
      payload: `{"step":${String(index)}}`,
      protocol: 'http',
      headers: {},
      timeoutMs: tryTimeoutMs,
    },
    ({ kind }) => {
      hear(kind);
    },
  );
}
