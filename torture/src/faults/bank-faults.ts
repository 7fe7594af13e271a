/** What happens to participants: they die, stand still, and answer as no service should. */
import type { Manners } from '../bank/manners.js';
import type { BankProcess } from '../processes/bank-process.js';
import type { Fault, World } from './fault.js';

export const killBank: Fault = {
  name: 'bank-kill',
  lane: 'bank',
  strike: async ({ banks, log, pause }, random) => {
    const bank = random.pick(banks);
    const downMs = random.chance(0.5) ? 0 : random.integer(300, 1_500);
    log(`kill -9 of ${bank.name}, which stays down for ${String(downMs)} ms`);
    if (downMs > 0) bank.holdDown();
    await bank.kill();
    await pause(downMs);
    bank.release();
    await bank.untilServing();
  },
};

export const freezeBank: Fault = {
  name: 'bank-freeze',
  lane: 'bank',
  strike: async ({ banks, log, pause }, random) => {
    const bank = random.pick(banks);
    const lastsMs = random.integer(600, 2_000);
    log(`SIGSTOP of ${bank.name} for ${String(lastsMs)} ms`);
    bank.freeze();
    await pause(lastsMs);
    bank.thaw();
    await bank.untilServing();
  },
};

function badManners(manners: Manners, says: string): Fault {
  return {
    name: `bank-${manners}`,
    lane: 'bank',
    strike: async (world, random) => {
      const bank = random.pick(world.banks);
      const share = random.pick([0.2, 0.6, 1]);
      const lastsMs = random.integer(700, 1_800);
      world.log(`${bank.name} ${says}, ${String(share * 100)} % of the calls, for ${String(lastsMs)} ms`);
      await misbehave(world, bank, { manners, share, lastsMs });
    },
  };
}

async function misbehave(
  { pause }: World,
  bank: BankProcess,
  { manners, share, lastsMs }: { readonly manners: Manners; readonly share: number; readonly lastsMs: number },
): Promise<void> {
  await bank.behave({ manners, share });
  try {
    await pause(lastsMs);
  } finally {
    await bank.behave({ manners: 'good', share: 1 });
  }
}

export const bankFaults: readonly Fault[] = [
  killBank,
  freezeBank,
  badManners('hang', 'takes calls and never answers'),
  badManners('drop', 'does the work and drops the connection'),
  badManners('late', 'does the work and answers too late'),
  badManners('twice', 'does the work and answers twice'),
  badManners('error', 'does the work and answers 500'),
];
