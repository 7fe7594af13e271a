/** What one run is asked for, as JSON on the command line of the process that does it. */
export interface TortureOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Names of faults; empty: all. */
  readonly faults: readonly string[];
  /** For everything that the run writes. Whoever started the run deletes it. */
  readonly folder: string;
  /** Path of the `tandem` command's script. */
  readonly command: string;
  /** The run has a mount namespace of its own: what it mounts is gone with it. */
  readonly mayMount: boolean;
  /** Coordinators on one store, behind one address; 0: one, with its embedded store. */
  readonly nodes: number;
  /** URL of the store that they share; empty: each its own. */
  readonly store: string;
  /** Whoever started the run can kill its engine. */
  readonly isStoreOwn: boolean;
  /** `no-barrier`: banks leave the barrier out, to see that the checks notice. */
  readonly sabotage: string | undefined;
}

export function readOptions(json: string): TortureOptions {
  return JSON.parse(json) as TortureOptions;
}
