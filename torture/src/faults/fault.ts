import type { ClusterNode } from '../cluster/open-nodes.js';
import type { DataDisk } from '../disk/data-disk.js';
import type { SyncFaults } from '../disk/sync-faults.js';
import type { Clients } from '../load/clients.js';
import type { BankProcess } from '../processes/bank-process.js';
import type { SupervisedProcess } from '../processes/supervised-process.js';
import type { Random } from '../random.js';
import type { Recoveries } from './recoveries.js';

/** What faults can get at. */
export interface World {
  /** Several coordinators on one store; empty: there is one. */
  readonly nodes: readonly ClusterNode[];
  /** Where coordinators are reached, whichever serves. */
  readonly url: string;
  /** Kills the engine of the store that they share and starts it again; undefined where that cannot be done. */
  readonly killStore: (() => Promise<void>) | undefined;
  /** The one coordinator, or the first of several. */
  readonly coordinator: SupervisedProcess;
  readonly banks: readonly BankProcess[];
  readonly clients: Clients;
  /** Of the coordinator with its embedded store. */
  readonly disk: DataDisk;
  /** Of every coordinator. */
  readonly logPaths: readonly string[];
  /** Undefined where it cannot be had. */
  readonly syncFaults: SyncFaults | undefined;
  readonly recoveries: Recoveries;
  /** Tells what happens, with the time. */
  readonly log: (text: string) => void;
  /** Ends early when the run is to end; what the fault changed must be put right all the same. */
  readonly pause: (delayMs: number) => Promise<void>;
}

/** Why a fault cannot be struck on this machine, and what helps. */
export interface Missing {
  readonly why: string;
  readonly whatHelps: string;
}

export interface Fault {
  readonly name: string;
  /** Faults of one lane never overlap, those of different lanes do. */
  readonly lane: 'coordinator' | 'bank';
  missing?(world: World): Missing | undefined;
  /** Strikes, lasts for a while, and puts right what it changed. */
  strike(world: World, random: Random): Promise<void>;
}
