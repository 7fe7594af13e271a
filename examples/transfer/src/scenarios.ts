/** The three transfers. Each tells what happens while it happens, then checks it. */
import { createClient, TransactionFailed } from '@tandem/client';
import { stepAt, type Account, type Bank } from './bank.js';
import type { BankEvent } from './bank-event.js';
import { sumOf, type Story } from './story.js';

/** What the scenarios have at hand. */
export interface Stage {
  readonly story: Story;
  readonly coordinatorUrl: string;
  readonly north: Bank;
  readonly south: Bank;
  /** Resolves when an event that fits has happened. */
  nextEvent(fits: (event: BankEvent) => boolean): Promise<void>;
  killCoordinator(): Promise<void>;
  restartCoordinator(): Promise<void>;
}

export async function succeeds(stage: Stage): Promise<void> {
  const { story } = stage;
  story.heading('1. A transfer of 30 from ann to bob: it succeeds');
  await withBalances(stage, { ann: -30, bob: 30 }, async () => {
    const { status } = await transferOf(stage, 30, 'bob').submit({ waitResult: true });
    story.check(`the coordinator answered: ${status}`, status === 'succeed');
  });
}

export async function isRefused(stage: Stage): Promise<void> {
  const { story } = stage;
  story.heading('2. A transfer of 25 from ann to carl: the second bank refuses, both are compensated');
  const emptyUndo = stage.nextEvent(({ kind, outcome }) => kind === 'undo-credit' && outcome === 'nothingToUndo');
  const undo = stage.nextEvent(({ kind, outcome }) => kind === 'undo-debit' && outcome === 'done');
  await withBalances(stage, {}, async () => {
    const outcome = await transferOf(stage, 25, 'carl')
      .submit({ waitResult: true })
      .catch((error: unknown) => error);
    if (!(outcome instanceof TransactionFailed)) throw outcome;
    await Promise.all([emptyUndo, undo]);
    story.check(`the coordinator answered: failed, because ${outcome.reason}`, outcome.reason.includes('frozen'));
  });
}

export async function survivesKill(stage: Stage): Promise<void> {
  const { story, south } = stage;
  story.heading('3. A transfer of 20 from ann to bob: the coordinator is killed in the middle');
  await withBalances(stage, { ann: -20, bob: 20 }, async () => {
    await south.holdNextAnswer();
    const held = stage.nextEvent(({ isHeld }) => isHeld);
    const repeated = stage.nextEvent(({ kind, outcome }) => kind === 'credit' && outcome === 'repeated');
    const transfer = transferOf(stage, 20, 'bob');
    await transfer.submit();
    await held;
    await stage.killCoordinator();
    await south.releaseAnswer();
    await stage.restartCoordinator();
    await repeated;
    const { status } = await transfer.submit({ waitResult: true });
    story.check(`asked again under the same gid, the coordinator answered: ${status}`, status === 'succeed');
  });
}

/** The saga of this demonstration: money leaves the north bank and arrives at the south bank. */
function transferOf(stage: Stage, amount: number, receiver: string) {
  const tandem = createClient({ url: stage.coordinatorUrl });
  return tandem
    .saga()
    .step('debit', stepAt(stage.north, 'debit', { account: 'ann', amount }))
    .step('credit', stepAt(stage.south, 'credit', { account: receiver, amount }));
}

async function withBalances(
  { story, north, south }: Stage,
  changes: Readonly<Record<string, number>>,
  act: () => Promise<void>,
): Promise<void> {
  const all = async (): Promise<Account[]> => [...(await north.balances()), ...(await south.balances())];
  const before = await all();
  story.balances('before', before);
  await act();
  const after = await all();
  story.balances('after', after);
  const expected = before.map(({ name, balance }) => ({ name, balance: balance + (changes[name] ?? 0) }));
  const isAsExpected = JSON.stringify(after) === JSON.stringify(expected);
  story.check(
    'every balance is what it should be, and no money appeared or vanished',
    isAsExpected && sumOf(after) === sumOf(before),
  );
}
