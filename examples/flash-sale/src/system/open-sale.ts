/** The sale as it runs: a coordinator, a shop and an order service, each a process of its own. */
import { fileURLToPath } from 'node:url';
import { freePort, Part, startCoordinator, startService, type StartProcess } from '@tandem/example-stage';
import type { CrashOrder } from '../services/crash-points.js';
import { coordinatorStore, stockKey, type Servers } from './servers.js';

export interface SaleOptions {
  /** Path of the `tandem` command's script. */
  readonly command: string;
  readonly servers: Servers;
  readonly start: StartProcess;
}

export type PartName = 'coordinator' | 'shop' | 'orders';

export interface Sale extends Readonly<Record<PartName, Part>> {
  /** Where buyers go. */
  readonly url: string;
  readonly coordinatorUrl: string;
  /** Lets a service die by kill -9 at a moment in its code; resolves when it knows. */
  crash(service: 'shop' | 'orders', order: CrashOrder): Promise<void>;
}

/** A node that died is taken over within this time, in place of 15 s. */
const coordinatorEnv = { TANDEM_LEASE: '2', TANDEM_LEASE_SKEW: '0.4', TRANS_CRON_INTERVAL: '0.5' };

/** Built, since Node starts them: beside these files where those are, and not where they are sources. */
const script = (name: string): string => fileURLToPath(new URL(`../../dist/services/${name}.js`, import.meta.url));

/** Starts everything; resolves when all serve. */
export async function openSale({ command, servers, start }: SaleOptions): Promise<Sale> {
  const ports = { coordinator: await freePort(), shop: await freePort(), orders: await freePort() };
  const at = (name: PartName): string => `http://127.0.0.1:${ports[name]}`;
  const settings = {
    shop: {
      REDIS_URL: servers.redis.url,
      STOCK_KEY: stockKey,
      TANDEM_URL: at('coordinator'),
      SHOP_URL: at('shop'),
      ORDERS_URL: at('orders'),
    },
    orders: { DATABASE_URL: servers.postgres.url },
  };
  const service = (name: 'shop' | 'orders', title: string): Part => {
    const env = { ...settings[name], PORT: String(ports[name]) };
    return new Part(title, () => startService(start, { args: [script(name)], env }));
  };
  const env = { ...coordinatorEnv, TANDEM_STORE: coordinatorStore(servers) };
  const parts = {
    coordinator: new Part('the coordinator', async () => {
      return (await startCoordinator(start, { command, port: ports.coordinator, env })).process;
    }),
    shop: service('shop', 'the shop'),
    orders: service('orders', 'the order service'),
  };
  await Promise.all(Object.values(parts).map((part) => part.start()));
  return {
    ...parts,
    url: at('shop'),
    coordinatorUrl: at('coordinator'),
    crash: async (name, order) => {
      const response = await fetch(`${at(name)}/crash`, { method: 'POST', body: JSON.stringify(order) });
      await response.body?.cancel();
    },
  };
}
