import { parseTransactionRequest, type Gid } from '@tandem/protocol';
import type { AskDraw, TransactionDraw } from '../draw/draw.js';
import type { World } from '../world.js';

export type Told =
  { readonly kind: 'done'; readonly value: unknown } | { readonly kind: 'refused'; readonly code: string };

/** Sends what a client asks for, each at its time counted from `from`; whether an answer is heard is the network's business. */
export function sendAsks(
  world: World,
  tx: TransactionDraw,
  asks: readonly AskDraw[],
  from: number,
  told?: (ask: AskDraw, answer: Told) => void,
): void {
  for (const [index, ask] of asks.entries()) {
    world.time.in(from + ask.at - world.time.now, () => {
      if (world.isCalm) return;
      if (ask.isOther === true && !existsForGood(world, tx.gid)) return;
      if (index > 0) world.tally.count('clientRepeats');
      if (ask.isOther === true) world.tally.count('clientSaysOther');
      if (asks.some(({ verb }) => verb !== ask.verb)) world.tally.count('clientSaysOpposite');
      sendAsk(world, tx, ask, told);
    });
  }
}

/** Nobody else can create it with this content any more, and it is not purged and created anew. */
function existsForGood({ ledger, draw }: World, gid: string): boolean {
  return draw.policy.retentionMs === 0 && ledger.of(gid) !== undefined;
}

function otherContent({ body }: TransactionDraw): { payloads: readonly string[] } {
  const { steps } = body;
  return { payloads: Array.isArray(steps) ? steps.map(() => '{"other":"content"}') : [] };
}

function noteOf({ waitMs, isOther }: AskDraw): string {
  const notes = [isOther === true ? 'with other content' : '', waitMs > 0 ? `waits ${String(waitMs)}` : ''];
  return notes.filter((note) => note !== '').join(', ');
}

function sendAsk(world: World, tx: TransactionDraw, ask: AskDraw, told?: (ask: AskDraw, answer: Told) => void): void {
  const { verb, node, waitMs } = ask;
  const isOther = ask.isOther === true;
  const body = { ...tx.body, gid: tx.gid, ...(isOther ? otherContent(tx) : undefined) };
  const gid = tx.gid as Gid;
  world.doors.ask(
    { place: node, verb, gid: tx.gid, note: noteOf(ask), isOther },
    async (coordinator) => {
      switch (verb) {
        case 'submit':
          return coordinator.submit(parseTransactionRequest(body, 'submit'), waitMs);
        case 'prepare':
          await coordinator.prepare(parseTransactionRequest(body, 'prepare'));
          return undefined;
        case 'abort':
          await coordinator.abort(gid, 'the client said so');
          return undefined;
      }
    },
    (answer) => told?.(ask, answer),
  );
}
