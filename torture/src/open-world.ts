import { join } from 'node:path';
import { createClient } from '@tandem/client';
import { openNodes, type Nodes } from './cluster/open-nodes.js';
import { storeKiller } from './cluster/store-engine.js';
import { DataDisk } from './disk/data-disk.js';
import { SyncFaults } from './disk/sync-faults.js';
import type { World } from './faults/fault.js';
import { Recoveries } from './faults/recoveries.js';
import { transactionKinds } from './kinds/catalogue.js';
import { topicOfAllBanks } from './kinds/message.js';
import { Clients } from './load/clients.js';
import type { TortureOptions } from './options.js';
import { pause } from './pause.js';
import { BankProcess } from './processes/bank-process.js';
import { coordinatorProcess } from './processes/coordinator-process.js';
import { freePort } from './processes/free-port.js';
import type { SupervisedProcess } from './processes/supervised-process.js';
import type { Random } from './random.js';
import type { RunLog } from './run-log.js';
import { coordinatorWires, type CoordinatorAddress } from './wires/coordinator-wires.js';

const bankNames = ['bank-a', 'bank-b', 'bank-c'];
/** Most wait at any time: for a frozen coordinator, or for a bank that hangs. */
const clientsCount = 64;

export interface Opening {
  readonly options: TortureOptions;
  readonly random: Random;
  readonly log: RunLog;
  readonly stop: AbortSignal;
  /** Gets everything that has to be closed, as soon as it is there. */
  readonly owns: (close: () => Promise<unknown>) => void;
}

/** Starts all processes and prepares the clients; resolves when everybody serves. */
export async function openWorld({ options, random, log, stop, owns }: Opening): Promise<World> {
  const { folder, mayMount, minutes, nodes: nodeCount } = options;
  // Some 5 KiB of file, log and copy for each transaction, and room for the write-ahead log.
  const sizeMiB = Math.min(2_048, 160 + Math.ceil(minutes * 100));
  const disk = await DataDisk.open(join(folder, 'disk'), sizeMiB, mayMount && nodeCount === 0);
  owns(() => disk.close());
  const syncFaults = nodeCount > 0 ? undefined : await SyncFaults.open(folder, disk.folder);
  const several = nodeCount > 0 ? await openNodes(options, options.store) : undefined;
  const { coordinator, address, logPaths } =
    several === undefined ? await openOne(options, disk, syncFaults) : of(several);
  const banks = await openBanks(options, address);
  const nodes = several?.nodes ?? [];
  const processes = [coordinator, ...nodes.slice(1).map(({ process }) => process), ...banks];
  owns(async () => {
    await Promise.all(processes.map((process) => process.close(1_000)));
    several?.close();
  });
  for (const process of processes) process.start();
  await Promise.all(processes.map((process) => process.untilServing()));
  await subscribeAll(address.url, banks);
  const recoveries = new Recoveries();
  const clients = new Clients({
    city: {
      client: createClient({ url: address.url, timeout: '4s' }),
      wires: coordinatorWires(address),
      banks,
    },
    kinds: transactionKinds,
    random: random.fork('clients'),
    count: clientsCount,
    onSuccess: (askedAt) => recoveries.succeeded(askedAt),
  });
  return {
    nodes,
    url: address.url,
    killStore: options.isStoreOwn ? storeKiller() : undefined,
    coordinator,
    logPaths,
    banks,
    clients,
    disk,
    syncFaults,
    recoveries,
    log: (text) => log.line(text),
    pause: (delayMs) => pause(delayMs, stop),
  };
}

interface Coordinators {
  /** The one, or the first. */
  readonly coordinator: SupervisedProcess;
  readonly address: CoordinatorAddress;
  readonly logPaths: readonly string[];
}

function of({ nodes, address }: Nodes): Coordinators {
  const [first] = nodes;
  if (first === undefined) throw new Error('there are no nodes');
  return { coordinator: first.process, address, logPaths: nodes.map(({ logPath }) => logPath) };
}

async function openOne(
  { folder, command }: TortureOptions,
  disk: DataDisk,
  syncFaults: SyncFaults | undefined,
): Promise<Coordinators> {
  const logPath = join(folder, 'coordinator.log');
  const [port, grpcPort] = [await freePort(), await freePort()];
  const env = { TANDEM_DATA: disk.folder, ...syncFaults?.env };
  const coordinator = coordinatorProcess({ name: 'coordinator', command, port, grpcPort, logPath, env });
  return { coordinator, address: { url: coordinator.url, grpc: `127.0.0.1:${String(grpcPort)}` }, logPaths: [logPath] };
}

async function openBanks(
  { folder, sabotage }: TortureOptions,
  coordinator: CoordinatorAddress,
): Promise<BankProcess[]> {
  const banks: BankProcess[] = [];
  for (const name of bankNames) {
    const bank = new BankProcess({
      name,
      port: await freePort(),
      grpcPort: await freePort(),
      databasePath: join(folder, `${name}.db`),
      logPath: join(folder, `${name}.log`),
      coordinator,
      isSabotaged: sabotage === 'no-barrier',
    });
    banks.push(bank);
  }
  return banks;
}

async function subscribeAll(coordinatorUrl: string, banks: readonly BankProcess[]): Promise<void> {
  for (const bank of banks) {
    const query = new URLSearchParams({ topic: topicOfAllBanks, url: `${bank.url}/message/receive` });
    const response = await fetch(`${coordinatorUrl}/api/dtmsvr/subscribe?${query.toString()}`, { method: 'POST' });
    if (!response.ok) throw new Error(`cannot subscribe: ${await response.text()}`);
  }
}
