import { join } from 'node:path';
import { readKept } from '../cluster/read-kept.js';
import type { World } from '../faults/fault.js';
import { brokenPromises } from './checks.js';
import { readBooks } from './read-books.js';
import { defectsIn } from './read-log.js';

export interface AuditResult {
  readonly checks: readonly { readonly name: string; readonly broken: readonly string[] }[];
  readonly succeeded: number;
  readonly failed: number;
}

/** Ends all processes in order, and checks what is on the disks. `unfinished`: what did not finish in time. */
export async function audit(
  { coordinator, nodes, banks, clients, disk, url, logPaths }: World,
  unfinished: readonly string[],
): Promise<AuditResult> {
  const kept = nodes.length === 0 ? undefined : await readKept(url);
  const coordinators = nodes.length === 0 ? [coordinator] : nodes.map(({ process }) => process);
  const exitCodes = await Promise.all(coordinators.map((one) => one.close()));
  const wrongEnds = exitCodes.filter((exitCode) => exitCode !== 0);
  await Promise.all(banks.map((bank) => bank.close()));
  const files = {
    store: kept ?? join(disk.folder, 'tandem.db'),
    banks: banks.map(({ name, databasePath, logPath: log }) => ({ name, path: databasePath, log })),
  };
  const { books, damage } = readBooks(files, clients.records);
  const statuses = [...books.statuses.values()];
  return {
    succeeded: statuses.filter((status) => status === 'succeed').length,
    failed: statuses.filter((status) => status === 'failed').length,
    checks: [
      { name: 'everything finished once the faults had stopped', broken: unfinished },
      ...brokenPromises(books),
      { name: 'every database is whole', broken: damage },
      { name: 'no process ended by itself', broken: [...coordinators, ...banks].flatMap(({ crashes }) => crashes) },
      { name: "the coordinator's log tells of no defect", broken: logPaths.flatMap(defectsIn) },
      {
        name: 'the coordinator stops in order',
        broken: wrongEnds.map((exitCode) => `its exit code is ${String(exitCode ?? 'none')}`),
      },
    ],
  };
}
