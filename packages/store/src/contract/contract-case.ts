import type { Store } from '../store.js';

/** One thing that every store must do. `run` gets an empty, migrated store of its own and rejects when it does not. */
export interface ContractCase {
  readonly name: string;
  readonly run: (store: Store) => Promise<void>;
}
