/** What happens to orders. Each scenario tells what it does, and ends with books that balance. */
import type { Books } from '../system/books.js';
import type { Stage, Wish } from './stage.js';

export async function succeeds(stage: Stage): Promise<void> {
  const { story } = stage;
  story.heading('1. Two orders that succeed: one as a saga, one as a TCC');
  const saga = await stage.order(wish({ mode: 'saga', coupon: 'MAY-1' }));
  const tcc = await stage.order(wish({ mode: 'tcc', coupon: 'MAY-2' }));
  story.check('both are confirmed', saga.status === 'confirmed' && tcc.status === 'confirmed');
  await stage.balance(2);
}

export async function isRefused(stage: Stage): Promise<void> {
  const { story } = stage;
  story.heading('2. Orders that are refused: what was done for them is undone');
  const vase = await stage.order(wish({ mode: 'saga', item: 'vase', coupon: 'MAY-3' }));
  story.check('the last vase is sold', vase.status === 'confirmed');
  for (const mode of ['saga', 'tcc'] as const) {
    const refused = [
      await stage.order(wish({ mode, item: 'vase', coupon: 'MAY-4' })),
      await stage.order(wish({ mode, coupon: 'MAY-1' })),
      await stage.order(wish({ mode, account: 'bob', coupon: 'MAY-4' })),
    ];
    const reasons = refused.map((answer) => (answer.status === 'refused' ? answer.reason : answer.status));
    const expected = [/vase/, /MAY-1/, /bob/];
    story.check(
      `as a ${mode}: refused for a shortage, a used coupon and too little money`,
      reasons.every((reason, at) => expected[at]?.test(reason)),
    );
  }
  await stage.balance(3);
}

export async function survivesCoordinator(stage: Stage): Promise<void> {
  const { story, system } = stage;
  const [first] = system.coordinators;
  if (first === undefined) throw new Error('there is no coordinator');
  story.heading('3. A coordinator is killed in the middle of eight orders');
  // While the payment stands still, none of them can end, and each coordinator has some of them.
  system.services.payment.pause();
  const codes = Array.from({ length: 8 }, (_, at) => `MAY-${at + 10}`);
  await Promise.all(codes.map((coupon) => stage.begin(wish({ mode: 'saga', coupon }))));
  const isUsed = ({ coupons }: Books): boolean => codes.every((code) => coupons[code] === 0);
  const before = await stage.booksWhen(isUsed);
  story.check('eight orders wait for the payment, which stands still; all else is done', isUsed(before));
  await first.kill();
  const killedAt = performance.now();
  story.line(`${first.name}, process ${first.id}, was killed with -9; the payment goes on`);
  system.services.payment.resume();
  const books = await stage.booksWhen(({ orders }) => orders.every(({ status }) => status !== 'pending'));
  const seconds = ((performance.now() - killedAt) / 1_000).toFixed(1);
  const confirmed = books.orders.filter(({ status, coupon }) => status === 'confirmed' && codes.includes(coupon));
  story.check(`the other coordinator took over: all eight are confirmed after ${seconds} s`, confirmed.length === 8);
  await first.start();
  story.line(`${first.name} is started again`);
  await stage.balance(11);
}

export async function survivesService(stage: Stage): Promise<void> {
  const { story, system } = stage;
  const { stock } = system.services;
  story.heading('4. The stock is killed: sagas wait it out, a TCC is given up');
  await stock.kill();
  story.line(`the stock, process ${stock.id}, was killed with -9`);
  const sagas = ['MAY-20', 'MAY-21', 'MAY-22'];
  const begun = await Promise.all(sagas.map((coupon) => stage.begin(wish({ mode: 'saga', coupon }))));
  story.check(
    'three sagas are under way',
    begun.every(({ status }) => status === 'pending'),
  );
  const tcc = await stage.order(wish({ mode: 'tcc', coupon: 'MAY-23' }));
  story.check('the TCC is not confirmed', tcc.status !== 'confirmed');
  await stock.start();
  story.line('the stock is started again');
  const books = await stage.booksWhen(({ orders }) => orders.every(({ status }) => status !== 'pending'));
  const statusOf = (code: string) => books.orders.find(({ coupon }) => coupon === code)?.status;
  story.check(
    'the three sagas are confirmed',
    sagas.every((code) => statusOf(code) === 'confirmed'),
  );
  story.check('the TCC is refused, and nothing of it is left', statusOf('MAY-23') === 'refused');
  await stage.balance(14);
}

function wish(given: Pick<Wish, 'mode' | 'coupon'> & Partial<Wish>): Wish {
  return { account: 'ann', item: 'teapot', amount: 1_999, ...given };
}
