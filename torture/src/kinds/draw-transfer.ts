import { openings } from '../bank/bank.js';
import type { Random } from '../random.js';
import type { BankAddress } from '../wires/branch-url.js';
import type { Effect } from './transaction-kind.js';

/** Takes from one account and gives to another, at two banks. */
export interface Transfer {
  readonly from: { readonly bank: BankAddress; readonly account: string };
  readonly to: { readonly bank: BankAddress; readonly account: string };
  readonly amount: number;
  readonly mustFail: boolean;
}

const richAccounts = Object.keys(openings).filter((name) => name.startsWith('rich'));

/** Most can be done; some are refused for lack of money, some because an account is frozen. */
export function drawTransfer(banks: readonly BankAddress[], random: Random): Transfer {
  const [fromBank, toBank] = random.shuffled(banks);
  if (fromBank === undefined || toBank === undefined) throw new RangeError('a transfer needs two banks');
  const mustFail = random.chance(0.12);
  const poorOrRich = random.chance(0.15) ? 'poor' : random.pick(richAccounts);
  return {
    from: { bank: fromBank, account: poorOrRich },
    to: { bank: toBank, account: mustFail ? 'frozen' : random.pick([...richAccounts, 'poor']) },
    amount: random.integer(1, 40),
    mustFail,
  };
}

export function effectsOf({ from, to, amount }: Transfer): Effect[] {
  return [
    { bank: from.bank.name, account: from.account, change: -amount },
    { bank: to.bank.name, account: to.account, change: amount },
  ];
}
