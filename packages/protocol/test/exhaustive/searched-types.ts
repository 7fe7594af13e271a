import {
  messageTable,
  sagaTable,
  tccTable,
  workflowTable,
  xaTable,
  type Plan,
  type StateTable,
  type Transaction,
  type TransactionEvent,
  type TransactionType,
} from '../../src/index.js';
import { messageCases } from './message-cases.js';
import { messageOracle } from './message-oracle.js';
import { sagaCases } from './saga-cases.js';
import { sagaOracle } from './saga-oracle.js';
import type { Search, Seen } from './search.js';
import { tccCases } from './tcc-cases.js';
import { tccOracle } from './tcc-oracle.js';
import { workflowCases } from './workflow-cases.js';
import { workflowOracle } from './workflow-oracle.js';
import { xaCases } from './xa-cases.js';
import { xaOracle } from './xa-oracle.js';

/** What one type promises beside what all do; each throws where it does not hold. */
export interface TypeOracle {
  planned(state: Seen, plan: Plan): void;
  reacted(state: Seen, event: TransactionEvent, after: Transaction): void;
  /** One commit, from what was durable to what is. */
  committed(before: Transaction, after: Transaction): void;
  /** A durable state: what a crash would leave. */
  durable(state: Seen): void;
}

/** A type of transaction as the search needs it. */
export interface SearchedType {
  /** Its file in docs/protocol, without the ending. */
  readonly document: string;
  readonly table: StateTable;
  readonly cases: Readonly<Record<string, Search>>;
  readonly oracle: TypeOracle;
}

/** Every type that has a machine; a new one does not compile without its entry. */
export const searchedTypes: Readonly<Record<TransactionType, SearchedType>> = {
  saga: { document: 'saga', table: sagaTable, cases: sagaCases, oracle: sagaOracle },
  msg: { document: 'message', table: messageTable, cases: messageCases, oracle: messageOracle },
  tcc: { document: 'tcc', table: tccTable, cases: tccCases, oracle: tccOracle },
  xa: { document: 'xa', table: xaTable, cases: xaCases, oracle: xaOracle },
  workflow: { document: 'workflow', table: workflowTable, cases: workflowCases, oracle: workflowOracle },
};
