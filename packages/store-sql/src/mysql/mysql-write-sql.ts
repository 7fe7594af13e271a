/**
 * The statements of a batch. `NOTHING` of a duplicate is an update that changes nothing: INSERT IGNORE would turn every other
 * error into a warning too.
 */
import {
  claimableAt,
  type CommitItem,
  type CreateItem,
  type HeadFields,
  type StoredRow,
  type WriteItem,
} from '@tandem/store';
import { placeRows, versionOf, type PlacedRows } from '../row-log.js';
import { literal, literalList } from './mysql-literal.js';
import { claimableNever, tables } from './mysql-tables.js';

/** A longer body lies in its own table. In UTF-16 code units. */
const inlineBodyCharsMax = 2_000;
/** Selects that one UNION ALL joins. */
const unionMax = 256;

/** An item with what does not go into its head. */
export interface PlacedItem<Item extends WriteItem = WriteItem> {
  readonly item: Item;
  readonly rows: PlacedRows;
}

export function placed<Item extends WriteItem>(item: Item): PlacedItem<Item> {
  return { item, rows: placeRows(item) };
}

const createColumns = `(created_at,gid,type,status,is_paused,due_at,waits_for,lease_owner,lease_until,claimable_at,
  waiting_for,waiting_due,epoch,version,token,updated_at,finished_at,body_bytes,state,row_log,body)`;

/** One statement; inserts as many rows as gids were free. */
export function insertHeads(creates: readonly PlacedItem<CreateItem>[]): string {
  return `INSERT INTO ${tables.tx} ${createColumns} VALUES ${creates.map(createValues).join(',')}
    ON DUPLICATE KEY UPDATE token = ${tables.tx}.token`;
}

function createValues({ item, rows }: PlacedItem<CreateItem>): string {
  const { gid, token, head, lease, body } = item;
  const leaseUntil = lease?.untilMs ?? 0;
  return literalList([
    ...[head.createdAt, gid, head.type, head.status, head.isPaused ? 1 : 0, head.dueAt, head.waitsFor],
    ...[lease?.owner ?? '', leaseUntil, claimableColumn(head, leaseUntil), ...waitingColumns(head)],
    ...[lease === undefined ? 0 : 1, 1, token, head.updatedAt, head.finishedAt, body.length, head.state],
    ...[rows.logEntry, isInline(item) ? body : undefined],
  ]);
}

/** One statement for one commit. Its insertId is the epoch. */
export function updateHead({ item, rows }: PlacedItem<CommitItem>): string {
  const { gid, token, head, expectedVersion } = item;
  const [waitingFor, waitingDue] = waitingColumns(head).map(literal);
  const append = rows.logEntry === '' ? '' : `,row_log=CONCAT(row_log,${literal(rows.logEntry)})`;
  return `UPDATE ${tables.tx} SET status=${literal(head.status)},is_paused=${head.isPaused ? '1' : '0'},
    due_at=${literal(head.dueAt)},waits_for=${literal(head.waitsFor)},waiting_for=${waitingFor},waiting_due=${waitingDue},
    version=version+1,token=${literal(token)},updated_at=${literal(head.updatedAt)},finished_at=${literal(head.finishedAt)},
    state=${literal(head.state)}${append},${leaseAssignments(item)}
    WHERE gid=${literal(gid)} AND version=${literal(expectedVersion)}`;
}

function leaseAssignments({ head, lease }: CommitItem): string {
  const { owner, untilMs, epochs } = leaseColumns(lease);
  const claimable = literal(claimableColumn(head, untilMs ?? 0));
  const ownerPart = owner === undefined ? '' : `,lease_owner=${literal(owner)}`;
  const untilPart = untilMs === undefined ? '' : `,lease_until=${literal(untilMs)}`;
  const kept = untilMs === undefined && head.finishedAt === undefined;
  return `claimable_at=${kept ? `GREATEST(${claimable},lease_until)` : claimable},
    epoch=LAST_INSERT_ID(epoch+${String(epochs)})${ownerPart}${untilPart}`;
}

const commitColumns = [
  ...['gid', 'expected', 'status', 'is_paused', 'due_at', 'waits_for', 'waiting_for', 'waiting_due', 'token'],
  ...['updated_at', 'finished_at', 'state', 'entry', 'claimable_at', 'lease_owner', 'lease_until', 'epochs'],
];

/** One statement for many commits. The rows are locked in the order of `commits`. */
export function updateHeads(commits: readonly PlacedItem<CommitItem>[]): string {
  return `UPDATE (${unionOf(commitColumns, commits.map(commitValues))}) v
    STRAIGHT_JOIN ${tables.tx} t ON t.gid=v.gid AND t.version=v.expected
    SET t.status=v.status,t.is_paused=v.is_paused,t.due_at=v.due_at,t.waits_for=v.waits_for,t.waiting_for=v.waiting_for,
    t.waiting_due=v.waiting_due,t.version=t.version+1,t.token=v.token,t.updated_at=v.updated_at,
    t.finished_at=v.finished_at,t.state=v.state,t.row_log=CONCAT(t.row_log,v.entry),
    t.claimable_at=GREATEST(v.claimable_at,COALESCE(v.lease_until,t.lease_until)),
    t.lease_owner=COALESCE(v.lease_owner,t.lease_owner),t.lease_until=COALESCE(v.lease_until,t.lease_until),
    t.epoch=t.epoch+v.epochs`;
}

function commitValues({ item, rows }: PlacedItem<CommitItem>): readonly (string | number | undefined)[] {
  const { gid, token, head, expectedVersion } = item;
  const { owner, untilMs, epochs } = leaseColumns(item.lease);
  return [
    ...[gid, expectedVersion, head.status, head.isPaused ? 1 : 0, head.dueAt, head.waitsFor, ...waitingColumns(head)],
    ...[token, head.updatedAt, head.finishedAt, head.state, rows.logEntry, claimableColumn(head, untilMs ?? 0)],
    ...[owner, untilMs, epochs],
  ];
}

/** Bodies and rows outside of the heads, of those items that hold now what they wrote. */
export function insertBeside(items: readonly PlacedItem[]): readonly string[] {
  const bodies = items.flatMap(({ item }) =>
    item.kind === 'create' && !isInline(item) ? [[item.gid, item.token, item.body]] : [],
  );
  const rows = items.flatMap(({ item, rows: { tableRows } }) =>
    tableRows.map((row) => [item.gid, item.token, versionOf(item), ...rowValues(row)]),
  );
  return [
    ...unions(['gid', 'token', 'body'], bodies).map(
      (union) => `INSERT INTO ${tables.txBody} (created_at,gid,body) SELECT t.created_at,t.gid,v.body FROM (${union}) v
        STRAIGHT_JOIN ${tables.tx} t ON t.gid=v.gid AND t.token=v.token
        ON DUPLICATE KEY UPDATE gid=${tables.txBody}.gid`,
    ),
    ...unions(['gid', 'token', 'version', 'branch_id', 'op', 'value'], rows).map(
      (union) => `INSERT INTO ${tables.txRow} (created_at,gid,branch_id,op,version,value)
        SELECT t.created_at,t.gid,v.branch_id,v.op,v.version,v.value FROM (${union}) v
        STRAIGHT_JOIN ${tables.tx} t ON t.gid=v.gid AND t.token=v.token
        ON DUPLICATE KEY UPDATE version=v.version,value=v.value`,
    ),
  ];
}

/** What the heads of these gids hold: `gid, version, epoch, token`. */
export function selectTokens(items: readonly WriteItem[]): string {
  return `SELECT gid,version,epoch,token FROM ${tables.tx} WHERE gid IN ${literalList(items.map(({ gid }) => gid))}`;
}

function isInline({ body }: CreateItem): boolean {
  return body.length <= inlineBodyCharsMax;
}

function rowValues({ branchId, op, value }: StoredRow): readonly string[] {
  return [branchId, op, value];
}

/** NULL exactly when finished. */
function claimableColumn(head: HeadFields, leaseUntil: number): number | undefined {
  if (head.finishedAt !== undefined) return undefined;
  return claimableAt(head, leaseUntil) ?? (head.isPaused ? claimableNever.paused : claimableNever.idle);
}

function waitingColumns(head: HeadFields): readonly [string | undefined, number | undefined] {
  const isWaiting = head.waitsFor !== '' && claimableAt(head, 0) !== undefined;
  return isWaiting ? [head.waitsFor, head.dueAt] : [undefined, undefined];
}

/** Undefined: as it was. */
function leaseColumns(lease: CommitItem['lease']): {
  readonly owner?: string;
  readonly untilMs?: number;
  readonly epochs: number;
} {
  switch (lease.kind) {
    case 'keep':
      return { epochs: 0 };
    case 'renew':
      return { untilMs: lease.untilMs, epochs: 0 };
    case 'release':
      return { owner: '', untilMs: 0, epochs: 0 };
    case 'take':
      return { owner: lease.owner, untilMs: lease.untilMs, epochs: 1 };
  }
}

function unions(
  columns: readonly string[],
  all: readonly (readonly (string | number | undefined)[])[],
): readonly string[] {
  const found: string[] = [];
  for (let start = 0; start < all.length; start += unionMax) {
    found.push(unionOf(columns, all.slice(start, start + unionMax)));
  }
  return found;
}

/** Values as a table: the one form that every engine here has. The first select names the columns. */
function unionOf(columns: readonly string[], all: readonly (readonly (string | number | undefined)[])[]): string {
  return all
    .map((values, index) =>
      index === 0
        ? `SELECT ${values.map((value, column) => `${literal(value)} AS ${columns[column] ?? ''}`).join(',')}`
        : `SELECT ${values.map(literal).join(',')}`,
    )
    .join(' UNION ALL ');
}
