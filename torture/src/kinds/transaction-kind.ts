import type { Client, RequestHandler } from '@tandem/client';
import type { Bank } from '../bank/bank.js';
import type { Random } from '../random.js';
import type { BankAddress } from '../wires/branch-url.js';
import type { CoordinatorWires } from '../wires/coordinator-wires.js';
import type { Told } from './told.js';

/** What a client has at hand. */
export interface City {
  readonly client: Client;
  /** The coordinator without the SDK. */
  readonly wires: CoordinatorWires;
  readonly banks: readonly BankAddress[];
}

/** A change of one account that a transaction causes where it succeeds. */
export interface Effect {
  readonly bank: string;
  readonly account: string;
  readonly change: number;
}

/** One transaction that a client wants. */
export interface Intent {
  readonly gid: string;
  /** All changes where it succeeds; where it fails, they must all be gone. */
  readonly effects: readonly Effect[];
  /** It asks for something that cannot be. */
  readonly mustFail: boolean;
  /** Once it is acknowledged there is no way back: nobody may refuse a message. */
  readonly cannotFail?: boolean;
  /** Where it is a message: the bank whose local transaction decides. */
  readonly sender?: string;
  /** Where it is a workflow: its steps are recorded, and it ends with a result. */
  readonly recordsSteps?: boolean;
  /** One try to bring it to the coordinator. May be called again: it is the same gid, and the same content. */
  attempt(options: { readonly waitResult: boolean }): Promise<Told>;
}

/**
 * One kind of transaction: what banks serve for it, and what clients do. A new type is one more file with one of these,
 * and a line in the catalogue; the checks at the end know nothing of types but what an intent says.
 */
export interface TransactionKind {
  readonly name: string;
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
  /** What every bank serves for it, by path. */
  routes(bank: Bank): Readonly<Record<string, RequestHandler>>;
  draw(city: City, random: Random): Intent;
}
