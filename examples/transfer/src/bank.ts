import { fileURLToPath } from 'node:url';
import type { ExampleProcess, StartProcess } from '@tandem/example-stage';
import type { BankEvent, Movement } from './bank-event.js';

export interface Account {
  readonly name: string;
  readonly balance: number;
}

/** A running bank, as the demonstration sees it. */
export interface Bank {
  readonly name: string;
  readonly url: string;
  readonly process: ExampleProcess;
  balances(): Promise<readonly Account[]>;
  /** Commits the next change, and holds the answer back. */
  holdNextAnswer(): Promise<void>;
  releaseAnswer(): Promise<void>;
}

interface BankOptions {
  readonly name: string;
  readonly databasePath: string;
  /** `NAME=BALANCE`, with `!` behind it for a frozen account. */
  readonly accounts: readonly string[];
  readonly onEvent: (event: BankEvent) => void;
}

const servicePath = fileURLToPath(new URL('./bank-service.js', import.meta.url));

/** Starts a bank in a process of its own; resolves when it serves. */
export async function startBank(start: StartProcess, options: BankOptions): Promise<Bank> {
  let opened: (port: number) => void = () => undefined;
  const port = new Promise<number>((resolve) => (opened = resolve));
  const args = [servicePath, options.databasePath, ...options.accounts];
  const child = start({
    args,
    env: {},
    onLine: (line) => {
      const said = JSON.parse(line) as BankEvent | { readonly port: number };
      if ('port' in said) opened(said.port);
      else options.onEvent(said);
    },
  });
  const url = `http://127.0.0.1:${String(await child.until('it served', port))}`;
  const post = async (path: string): Promise<void> => {
    await fetch(url + path, { method: 'POST', body: '{}' });
  };
  return {
    name: options.name,
    url,
    process: child,
    balances: async () => (await (await fetch(`${url}/balances`)).json()) as Account[],
    holdNextAnswer: () => post('/hold-next-answer'),
    releaseAnswer: () => post('/release-answer'),
  };
}

/** One step of a transfer: what to do at the bank, and how to undo it. */
export function stepAt(bank: Bank, kind: 'debit' | 'credit', payload: Movement) {
  return { action: `${bank.url}/${kind}`, compensate: `${bank.url}/undo-${kind}`, payload };
}
