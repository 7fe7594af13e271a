import type { TransactionDraw } from '../draw/draw.js';
import type { World } from '../world.js';
import { sendAsks } from './send-asks.js';

const localTransactionMs = 20;

/**
 * The sender of a prepared message: prepares until that is acknowledged, then ends its own transaction, then says how. It
 * may stop anywhere, as if it had died there.
 */
export function actAsSender(tx: TransactionDraw, world: World): void {
  world.tally.count('preparedMessage');
  let isPrepared = false;
  const prepares = tx.asks.filter(({ verb }) => verb === 'prepare');
  sendAsks(world, tx, prepares, 0, (_ask, answer) => {
    if (isPrepared || answer.kind !== 'done') return;
    isPrepared = true;
    world.time.in(localTransactionMs, () => {
      endLocally(tx, world);
    });
  });
}

function endLocally(tx: TransactionDraw, world: World): void {
  const follows = tx.asks.filter(({ verb }) => verb !== 'prepare');
  if (tx.local !== 'commits') {
    world.transcript.say('sender', () => `${tx.gid} ${tx.local === 'rollsBack' ? 'rolls back' : 'forgets'}`);
    if (follows.length === 0) world.tally.count('clientGivesUp');
    sendAsks(world, tx, follows, world.time.now);
    return;
  }
  const isCommitted = world.participants[0]?.commitLocally(tx.gid) === true;
  world.transcript.say(
    'sender',
    () => `${tx.gid} ${isCommitted ? 'commits' : 'cannot commit: the back-check came first'}`,
  );
  if (!isCommitted) return;
  if (follows.length === 0) world.tally.count('clientGivesUp');
  sendAsks(world, tx, follows, world.time.now);
}
