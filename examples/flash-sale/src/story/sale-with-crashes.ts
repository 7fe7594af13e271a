/** What happens while the buyers come. Each part tells what it does, then checks it. */
import type { Stage } from './stage.js';

/** All of it; each when that share of the pieces has been sold. */
export async function crashes(stage: Stage, pieces: number): Promise<void> {
  const { buyers, sale } = stage;
  const sold = (share: number): Promise<void> => buyers.untilBought(Math.floor(pieces * share));
  const diedForAnn = sold(0.1).then(() => stage.shopDiesFor('ann', 'taken'));
  const diedForBob = Promise.all([diedForAnn, sold(0.25)]).then(() => stage.shopDiesFor('bob', 'prepared'));
  await Promise.all([
    diedForAnn.then(() => annHasHerOrder(stage)),
    diedForBob.then(() => bobIsGivenUp(stage)),
    Promise.all([diedForBob, sold(0.4)]).then(() => stage.killAndRestart(sale.coordinator)),
    Promise.all([diedForBob, sold(0.6)]).then(() => stage.killAndRestart(sale.orders)),
  ]);
}

/** The shop died between take and submit: the mark in Redis is all that tells of the purchase. */
async function annHasHerOrder(stage: Stage): Promise<void> {
  await stage.ordered('ann');
  stage.story.check(
    'the coordinator asked, and the mark said "taken": ann, who never asked again, has her order',
    true,
  );
}

/** It died between prepare and take. */
async function bobIsGivenUp(stage: Stage): Promise<void> {
  const { story, buyers } = stage;
  await stage.givenUp('sale-bob-1');
  const { told } = await buyers.askUntilClear({ buyer: 'bob', attempt: 1 });
  story.check(`the coordinator asked, and gave up: bob, who asks again, is told "${told}"`, told === 'given up');
  const last = await buyers.buy('bob', 2);
  story.line(`bob tries anew, and is told "${last.told}"`);
}
