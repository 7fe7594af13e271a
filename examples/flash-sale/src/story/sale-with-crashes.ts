/** What happens while the buyers come. Each part tells what it does, then checks it. */
import type { Stage } from './stage.js';

/** All of it; each when that share of the pieces has been sold. */
export async function crashes(stage: Stage, pieces: number): Promise<void> {
  const { buyers, sale } = stage;
  const sold = (share: number): Promise<void> => buyers.untilBought(Math.floor(pieces * share));
  await Promise.all([
    sold(0.1).then(() => shopDiesBeforeSubmit(stage)),
    sold(0.25).then(() => shopDiesBeforeTake(stage)),
    sold(0.4).then(() => stage.killAndRestart(sale.coordinator)),
    sold(0.6).then(() => stage.killAndRestart(sale.orders)),
  ]);
}

/** Between take and submit: the mark in Redis is all that tells of the purchase. */
async function shopDiesBeforeSubmit(stage: Stage): Promise<void> {
  await stage.shopDiesFor('ann', 'taken');
  await stage.ordered('ann');
  stage.story.check(
    'the coordinator asked, and the mark said "taken": ann, who never asked again, has her order',
    true,
  );
}

/** Between prepare and take. */
async function shopDiesBeforeTake(stage: Stage): Promise<void> {
  await stage.shopDiesFor('bob', 'prepared');
  await stage.givenUp('sale-bob-1');
  const { told } = await stage.buyers.ask({ buyer: 'bob', attempt: 1 });
  stage.story.check(`the coordinator asked, and gave up: bob, who asks again, is told "${told}"`, told === 'given up');
  const last = await stage.buyers.buy('bob', 2);
  stage.story.line(`bob tries anew, and is told "${last.told}"`);
}
