/**
 * Where the rows of a transaction are: the first small ones in a log beside its head, so that a short transaction is one
 * record and nothing else; all others in a table of their own, one record each, so that the thousandth step of a long
 * one costs what the tenth did.
 *
 * L1. Which of the two is decided by the item alone, the same way always: nothing has to be read first.
 * L2. A row carries the version that it was written with, and of two with the same key the newer counts. So it does not
 *     matter which of them is where.
 * L3. The log is bounded: `logVersionsMax` times `logEntryCharsMax`.
 */
import type { StoredRow, WriteItem } from '@tandem/store';

/** Later versions write to the table. */
const logVersionsMax = 12;
/** A larger entry goes to the table. */
const logEntryCharsMax = 300;

/** The rows of one write: as an entry to append to the log (empty: nothing), or for the table. */
export interface PlacedRows {
  readonly logEntry: string;
  readonly tableRows: readonly StoredRow[];
}

/** The version that a write gives, where it applies. */
export function versionOf(item: WriteItem): number {
  return item.kind === 'create' ? 1 : item.expectedVersion + 1;
}

export function placeRows(item: WriteItem): PlacedRows {
  const { rows } = item;
  if (rows.length === 0) return { logEntry: '', tableRows: [] };
  const version = versionOf(item);
  if (version <= logVersionsMax && rows.length <= 4) {
    const logEntry = encodeEntry(version, rows);
    if (logEntry.length <= logEntryCharsMax) return { logEntry, tableRows: [] };
  }
  return { logEntry: '', tableRows: lastOfEachKey(rows) };
}

/** Reads the log, and the table's rows as an array of `[branchId, op, value, version]` in any order. */
export function mergeRows(log: string, tableRows: readonly (readonly unknown[])[]): readonly StoredRow[] {
  const newest = new Map<string, { readonly row: StoredRow; readonly version: number }>();
  const note = (row: StoredRow, version: number): void => {
    const key = keyOf(row);
    if ((newest.get(key)?.version ?? 0) <= version) newest.set(key, { row, version });
  };
  for (const { version, rows } of decodeLog(log)) for (const row of rows) note(row, version);
  for (const row of tableRows) note(rowOf(row), Number(row[3]));
  return [...newest.values()].map(({ row }) => row);
}

/** A statement cannot write one record twice. */
function lastOfEachKey(rows: readonly StoredRow[]): readonly StoredRow[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

function keyOf({ branchId, op }: StoredRow): string {
  return JSON.stringify([branchId, op]);
}

function encodeEntry(version: number, rows: readonly StoredRow[]): string {
  return `${JSON.stringify([version, ...rows.flatMap((row) => [row.branchId, row.op, row.value])])}\n`;
}

function decodeLog(log: string): readonly { readonly version: number; readonly rows: readonly StoredRow[] }[] {
  if (log === '') return [];
  // A line break inside a text is escaped by JSON, so that one ends an entry.
  return log
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [version, ...texts] = JSON.parse(line) as [number, ...string[]];
      const rows: StoredRow[] = [];
      for (let at = 0; at < texts.length; at += 3) rows.push(rowOf(texts.slice(at, at + 3)));
      return { version, rows };
    });
}

function rowOf(row: readonly unknown[]): StoredRow {
  return { branchId: row[0] as string, op: row[1] as string, value: row[2] as string };
}
