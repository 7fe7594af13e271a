/** The order system as it runs: two coordinators on one PostgreSQL, four services, each a process of its own. */
import { fileURLToPath } from 'node:url';
import {
  freePort,
  Part,
  startCoordinator,
  startService,
  type ServiceCommand,
  type StartProcess,
} from '@tandem/example-stage';
import { goCoupon, pythonPayment, type Program } from './other-languages.js';
import type { Stores } from './stores.js';

export const serviceNames = ['order', 'stock', 'coupon', 'payment'] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface SystemOptions {
  /** Path of the `tandem` command's script. */
  readonly command: string;
  readonly stores: Stores;
  readonly start: StartProcess;
  /** Settings of the coordinators, beside their store and ports. */
  readonly coordinatorEnv?: Readonly<Record<string, string>>;
  /** `typescript`: none is started in another language, even where it is at hand. */
  readonly languages: 'all' | 'typescript';
  /** Where a service is called, given where it is: a test puts something in between. Default: where it is. */
  readonly through?: (service: ServiceName, port: number) => Promise<number>;
}

export interface System {
  readonly coordinators: readonly Part[];
  readonly services: Readonly<Record<ServiceName, Part>>;
  /** The language that each service runs in, and why not in another where one is missing. */
  readonly languages: Readonly<Record<ServiceName, string>>;
  /** Where customers order. */
  readonly url: string;
  /** The coordinators' HTTP APIs, without a path. */
  readonly coordinatorUrls: readonly string[];
}

/** Built, since Node starts them: beside these files where those are, and not where they are sources. */
const script = (name: ServiceName): string => fileURLToPath(new URL(`../../dist/services/${name}.js`, import.meta.url));

/** Starts everything; resolves when all serve. */
export async function openSystem(options: SystemOptions): Promise<System> {
  const { command, stores, start, coordinatorEnv = {} } = options;
  const httpPorts = [await freePort(), await freePort()];
  const grpcPorts = [await freePort(), await freePort()];
  const coordinators = httpPorts.map((port, at) => {
    const env = { ...coordinatorEnv, TANDEM_STORE: stores.coordinator, GRPC_PORT: String(grpcPorts[at]) };
    const begin = async () => (await startCoordinator(start, { command, port, env })).process;
    return new Part(`coordinator ${at + 1}`, begin);
  });

  const ports = await portsOf(options);
  const at = (name: ServiceName): string => `http://127.0.0.1:${ports[name].called}`;
  const settings: Record<ServiceName, Readonly<Record<string, string>>> = {
    order: {
      DATABASE_URL: stores.orders,
      COORDINATORS: grpcPorts.map((port) => `127.0.0.1:${port}`).join(','),
      ORDER_URL: at('order'),
      STOCK_URL: `grpc://127.0.0.1:${ports.stock.called}/shop.Stock`,
      COUPON_URL: at('coupon'),
      PAYMENT_URL: at('payment'),
    },
    stock: { DATABASE_URL: stores.stock },
    coupon: { REDIS_URL: stores.redis, COUPON_PREFIX: stores.couponPrefix },
    payment: { DATABASE_URL: stores.payments },
  };
  const programs = options.languages === 'all' ? await otherPrograms() : {};

  const part = (name: ServiceName): Part => {
    const env = { ...settings[name], PORT: String(ports[name].own) };
    return new Part(name, () => startService(start, { ...programOf(name, programs[name]), env }));
  };
  const services = { order: part('order'), stock: part('stock'), coupon: part('coupon'), payment: part('payment') };
  await Promise.all([...coordinators, ...Object.values(services)].map((one) => one.start()));
  return {
    coordinators,
    services,
    languages: {
      order: 'TypeScript',
      stock: 'TypeScript',
      coupon: languageOf(programs.coupon),
      payment: languageOf(programs.payment),
    },
    url: `http://127.0.0.1:${ports.order.own}`,
    coordinatorUrls: httpPorts.map((port) => `http://127.0.0.1:${port}`),
  };
}

/** A program that cannot be built is one that is missing: the service in TypeScript takes its place. */
async function otherPrograms(): Promise<Partial<Record<ServiceName, Program>>> {
  const orMissing = (error: unknown): Program => ({ missing: error instanceof Error ? error.message : String(error) });
  const [coupon, payment] = await Promise.all([goCoupon().catch(orMissing), pythonPayment().catch(orMissing)]);
  return { coupon, payment };
}

interface Ports {
  readonly own: number;
  /** Where it is called. */
  readonly called: number;
}

async function portsOf({ through }: SystemOptions): Promise<Record<ServiceName, Ports>> {
  const ports = await Promise.all(
    serviceNames.map(async (name) => {
      const own = await freePort();
      return [name, { own, called: (await through?.(name, own)) ?? own }] as const;
    }),
  );
  return Object.fromEntries(ports) as Record<ServiceName, Ports>;
}

function programOf(name: ServiceName, other: Program | undefined): Omit<ServiceCommand, 'env'> {
  if (other === undefined || 'missing' in other) return { args: [script(name)] };
  return { file: other.file, args: other.args };
}

function languageOf(other: Program | undefined): string {
  if (other === undefined) return 'TypeScript';
  return 'missing' in other ? `TypeScript (the other needs ${other.missing})` : other.language;
}
