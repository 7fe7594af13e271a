/** The books as the checks look at them: by key, and by transaction. */
import type { ClientRecord } from '../load/client-record.js';
import type { Check, LedgerRow } from './books.js';

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Net changes by bank and account, without what comes to nothing. */
export function net(
  changes: readonly { readonly bank: string; readonly account: string; readonly change: number }[],
): string {
  return [...grouped(changes, ({ bank, account }) => `${bank}/${account}`)]
    .map(([where, group]) => ({ where, change: sum(group.map(({ change }) => change)) }))
    .filter(({ change }) => change !== 0)
    .map(({ where, change }) => `${where} ${String(change)}`)
    .sort()
    .join(', ');
}

/** Sentences about each transaction of a client that `complaint` has something to say about. */
export function perTransaction(
  complaint: (record: ClientRecord, seen: { readonly status: string | undefined; rows: LedgerRow[] }) => string,
): Check['broken'] {
  return ({ records, statuses, ledger }) => {
    const rows = grouped(ledger, ({ gid }) => gid);
    return records.flatMap((record) => {
      const { gid } = record.intent;
      const said = complaint(record, { status: statuses.get(gid), rows: rows.get(gid) ?? [] });
      return said === '' ? [] : [`${record.kind} ${gid}: ${said}`];
    });
  };
}
