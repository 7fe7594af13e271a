import { parseTransactionRequest, type Gid } from '@tandem/protocol';
import type { AskDraw, TransactionDraw } from '../draw/draw.js';
import type { World } from '../world.js';

export type Told = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly code: string };

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
      if (index > 0) world.tally.count('clientRepeats');
      if (asks.some(({ verb }) => verb !== ask.verb)) world.tally.count('clientSaysOpposite');
      sendAsk(world, tx, ask, told);
    });
  }
}

function sendAsk(world: World, tx: TransactionDraw, ask: AskDraw, told?: (ask: AskDraw, answer: Told) => void): void {
  const { verb, node, waitMs } = ask;
  const body = { ...tx.body, gid: tx.gid };
  const gid = tx.gid as Gid;
  world.doors.ask(
    { place: node, verb, gid: tx.gid, note: waitMs > 0 ? `waits ${String(waitMs)}` : '' },
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
