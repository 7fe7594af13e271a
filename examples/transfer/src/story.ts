import { Narrator, styled } from '@tandem/example-stage';
import type { Account } from './bank.js';
import type { BankEvent } from './bank-event.js';

const meaning: Readonly<Record<BankEvent['outcome'], string>> = {
  done: 'done',
  refused: 'REFUSED',
  repeated: 'already done: the barrier recognised the repeated call and did nothing',
  nothingToUndo: 'nothing to undo: the barrier found that the credit never happened, and did nothing',
  alreadyUndone: 'too late: the barrier found that it was undone before, and did nothing',
};

/** Tells the demonstration on the terminal, and remembers whether anything was not as it should be. */
export class Story extends Narrator {
  event(bank: string, event: BankEvent): void {
    const { kind, amount, account, outcome, reason } = event;
    const what = `${kind.replace('-', ' ')} of ${String(amount)} for ${account}`;
    const why = reason === undefined ? '' : `, ${reason}`;
    const hold = event.isHeld ? ', and holds its answer back' : '';
    console.log(`    ${bank.padEnd(11)} ${what.padEnd(30)} ${outcomeText(outcome)}${why}${hold}`);
  }

  balances(when: string, accounts: readonly Account[]): void {
    const each = accounts.map(({ name, balance }) => `${name} ${String(balance)}`).join('   ');
    this.line(`${when.padEnd(7)} ${each}   (sum ${String(sumOf(accounts))})`);
  }
}

export function sumOf(accounts: readonly Account[]): number {
  return accounts.reduce((sum, { balance }) => sum + balance, 0);
}

function outcomeText(outcome: BankEvent['outcome']): string {
  if (outcome === 'done') return styled('green', meaning.done);
  return styled(outcome === 'refused' ? 'red' : 'yellow', meaning[outcome]);
}
