/** What is wrong after a run: books that do not balance, and answers that were not true. */
import { createClient } from '@tandem/client';
import {
  discrepancies,
  readBooks,
  type Books,
  type OrderStatus,
  type Stores,
  type Supply,
} from '@tandem/example-order-system';
import type { Told } from './customers.js';

export interface Ended {
  readonly books: Books;
  /** The coordinators' word by order: `succeed`, `failed`, or how else it stands; undefined: they know of none. */
  readonly decided: ReadonlyMap<string, string | undefined>;
}

/** Without any end. Not of all: to ask for thousands takes a slow machine minutes. */
const settleLimitMs = 60_000;
const pollMs = 250;
const openStatuses: readonly (string | undefined)[] = ['prepared', 'submitted', 'aborting'];

/** Waits until no transaction is under way, and reads the books then. */
export async function settled(urls: readonly string[], told: readonly Told[], stores: Stores, supply: Supply) {
  const tandem = createClient({ url: urls });
  const decided = new Map<string, string | undefined>();
  let open = told.map(({ order }) => order.id);
  let lastEndAt = performance.now();
  while (open.length > 0 && performance.now() - lastEndAt < settleLimitMs) {
    const before = open.length;
    for (const id of open) decided.set(id, (await tandem.query(`order-${id}`))?.status);
    open = open.filter((id) => openStatuses.includes(decided.get(id)));
    if (open.length < before) lastEndAt = performance.now();
    if (open.length > 0) await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return { decided, books: await readBooks(stores, supply) };
}

export function wrongs({ books, decided }: Ended, told: readonly Told[], supply: Supply): string[] {
  const statuses = new Map(books.orders.map(({ id, status }) => [id, status]));
  const ofOrders = told.flatMap((one) => {
    const { id } = one.order;
    const heard = one.answers.map(({ status }) => status).join(', ');
    const why = wrongOf(one, statuses.get(id), decided.get(id));
    return why === undefined
      ? []
      : [`order ${id}: ${why}; its customer heard ${heard}, the coordinators say ${decided.get(id)}`];
  });
  return [...ofOrders, ...discrepancies(books, supply)];
}

/** `status`: as the order's row has it; undefined: there is none, and nothing was ever done for it. */
function wrongOf({ answers }: Told, status: OrderStatus | undefined, decided: string | undefined): string | undefined {
  const heard = answers.map((answer) => answer.status);
  if (openStatuses.includes(decided)) return 'it is still under way';
  if (status === 'pending') return 'it is pending for ever';
  if ((status === 'confirmed') !== (decided === 'succeed')) return `its row says ${status}`;
  if (heard.includes('confirmed') && status !== 'confirmed') return 'it was said to be confirmed, and is not';
  if (heard.includes('refused') && status === 'confirmed') return 'it was said to be refused, and is confirmed';
  if (heard.includes('pending') && status === undefined) return 'it was accepted, and is gone';
  return undefined;
}
