import { join } from 'node:path';
import { createClient } from '@tandem/client';
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
import type { Random } from './random.js';
import type { RunLog } from './run-log.js';
import { coordinatorWires, type CoordinatorAddress } from './wires/coordinator-wires.js';

const bankNames = ['bank-a', 'bank-b', 'bank-c'];
/** Most wait at any time: for a frozen coordinator, or for a bank that hangs. */
const clientsCount = 64;
const startTimeLimitMs = 20_000;

export interface Opening {
  readonly options: TortureOptions;
  readonly random: Random;
  readonly log: RunLog;
  readonly stop: AbortSignal;
  /** Gets everything that has to be closed, as soon as it is there. */
  readonly owns: (close: () => Promise<unknown>) => void;
}

export function coordinatorLogPath({ folder }: TortureOptions): string {
  return join(folder, 'coordinator.log');
}

/** Starts all processes and prepares the clients; resolves when everybody serves. */
export async function openWorld({ options, random, log, stop, owns }: Opening): Promise<World> {
  const { folder, command, mayMount, minutes } = options;
  // Some 5 KiB of file, log and copy for each transaction, and room for the write-ahead log.
  const sizeMiB = Math.min(2_048, 160 + Math.ceil(minutes * 100));
  const disk = await DataDisk.open(join(folder, 'disk'), sizeMiB, mayMount);
  const syncFaults = await SyncFaults.open(folder, disk.folder);
  const grpcPort = await freePort();
  const coordinator = coordinatorProcess({
    command,
    port: await freePort(),
    grpcPort,
    dataFolder: disk.folder,
    logPath: coordinatorLogPath(options),
    env: syncFaults?.env ?? {},
  });
  const address = { url: coordinator.url, grpc: `127.0.0.1:${String(grpcPort)}` };
  const banks = await openBanks(options, address);
  const processes = [coordinator, ...banks];
  owns(async () => {
    await Promise.all(processes.map((process) => process.close(1_000)));
    await disk.close();
  });
  for (const process of processes) process.start();
  await Promise.all(processes.map((process) => process.untilServing(startTimeLimitMs)));
  await subscribeAll(coordinator.url, banks);
  const recoveries = new Recoveries();
  const clients = new Clients({
    city: {
      client: createClient({ url: coordinator.url, timeout: '4s' }),
      wires: coordinatorWires(address),
      banks,
    },
    kinds: transactionKinds,
    random: random.fork('clients'),
    count: clientsCount,
    onSuccess: (askedAt) => recoveries.succeeded(askedAt),
  });
  return {
    coordinator,
    banks,
    clients,
    disk,
    syncFaults,
    recoveries,
    log: (text) => log.line(text),
    pause: (delayMs) => pause(delayMs, stop),
  };
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
