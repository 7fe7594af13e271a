/**
 * The rows of an outbox.
 *
 * R1. A row is there from the commit of the business transaction until its submit was answered, or while it is parked.
 * R2. Whoever claims a row has it until `due_at`; after that anybody may. `attempts` tells a claim from the next: who has lost a row
 *     changes nothing of it but deletes it, and then only once it is submitted.
 * R3. A row is its id and its gid: a database that was replaced by a standby which lacked the last rows gives their ids again.
 */
import { chain, isPromiseLike, type MaybePromise } from '../barrier/maybe-promise.js';
import { InvalidUse } from '../errors.js';
import type { SqlAccess, SqlStatements } from '../sql/sql-access.js';
import { outboxDialects, type OutboxDialect } from './outbox-dialect.js';

/** A row, claimed. */
export interface ClaimedRow {
  readonly id: string;
  readonly gid: string;
  /** As it was stored: JSON. */
  readonly request: string;
  /** How often it was claimed before. */
  readonly earlier: number;
}

/** What a claim ended in. */
export interface ClaimEnd {
  readonly submitted: readonly ClaimedRow[];
  /** Not tried: to be claimed again at once. */
  readonly released: readonly ClaimedRow[];
  readonly postponed: readonly { readonly row: ClaimedRow; readonly ms: number; readonly reason: string }[];
  readonly parked: readonly { readonly row: ClaimedRow; readonly reason: string }[];
}

/** What is waiting, and what was refused. */
export interface OutboxCounts {
  /** Not yet at the coordinator. */
  readonly waiting: number;
  /** Refused by the coordinator. */
  readonly parked: number;
  /** The age of what waits longest, in ms; 0 where nothing waits. */
  readonly oldestWaitingMs: number;
}

/** A message or saga that the coordinator refused. */
export interface Parked {
  /** Of its row. */
  readonly id: string;
  /** The transaction's name. */
  readonly gid: string;
  /** Why it was refused, at most 1,000 characters. */
  readonly reason: string;
  /** How often it was tried. */
  readonly attempts: number;
}

const reasonCharactersMax = 1_000;
/** For so many that look at the same time, each finds rows that the others have not claimed. */
const relaysAtOnce = 8;

export class OutboxRows<Tx> {
  readonly #access: SqlAccess<Tx>;
  readonly #table: string;
  readonly #name: string;
  readonly #dialect: OutboxDialect;

  constructor(access: SqlAccess<Tx>, table: string) {
    this.#access = access;
    this.#table = table;
    this.#dialect = outboxDialects[access.engine];
    this.#name = this.#dialect.tableName(table);
  }

  async createTable(): Promise<void> {
    await this.#access.transaction((run) => inTurn(run, this.#dialect.createTable(this.#table)));
  }

  /** Throws `OUTBOX_OUTSIDE_TRANSACTION` where no transaction is open on `tx`. */
  insert(tx: Tx, gid: string, request: string): MaybePromise<void> {
    return chain(isObject(tx) ? this.#access.within(tx) : undefined, (run) => {
      if (run === undefined) throw new InvalidUse('OUTBOX_OUTSIDE_TRANSACTION', outside);
      const { now } = this.#dialect;
      const sql = `insert into ${this.#name} (gid, request, due_at, created_at) values (?, ?, ${now}, ${now})`;
      return chain(this.#naming(run)(sql, [gid, request]), () => undefined);
    });
  }

  /** Claims the oldest rows that are due. */
  claim(rowsMax: number, leaseMs: number): Promise<readonly ClaimedRow[]> {
    const { later, update } = this.#dialect;
    return this.#transaction((run) =>
      chain(this.#lockDue(run, rowsMax), (found) => {
        const rows = found.map(claimedRow);
        if (rows.length === 0) return rows;
        const claim = `${update(this.#table)} set due_at = ${later(leaseMs)}, attempts = attempts + 1`;
        return chain(run(`${claim} where id in (${idsOf(rows).join(', ')})`, []), () => rows);
      }),
    );
  }

  #lockDue(run: SqlStatements, rowsMax: number): MaybePromise<readonly unknown[]> {
    const { isLockingRanges, locking, now, select } = this.#dialect;
    const due = `parked = 0 and due_at <= ${now} order by id limit`;
    const lock = (among: string): MaybePromise<readonly unknown[]> => {
      const rows = select(this.#table, 'id, gid, request, attempts');
      return run(`${rows} where ${among} ${due} ${rowsMax} ${locking}`, []);
    };
    if (!isLockingRanges) return lock('');
    const look = `select id from ${this.#name} where ${due} ${rowsMax * relaysAtOnce}`;
    return chain(run(look, []), (seen) =>
      seen.length === 0 ? seen : lock(`id in (${idsOf(seen as { readonly id: unknown }[]).join(', ')}) and`),
    );
  }

  /** Says what became of claimed rows. */
  async end({ submitted, released, postponed, parked }: ClaimEnd): Promise<void> {
    const { now, later } = this.#dialect;
    const update = this.#dialect.update(this.#table);
    const statements: [string, string[]][] = [];
    if (submitted.length > 0) {
      statements.push([this.#dialect.delete(this.#table, idsOf(submitted)), gidsOf(submitted)]);
    }
    if (released.length > 0)
      statements.push([`${update} set due_at = ${now} where ${held(released)}`, gidsOf(released)]);
    for (const { row, ms, reason } of postponed) {
      statements.push([`${update} set due_at = ${later(ms)}, reason = ? where ${held([row])}`, [cut(reason), row.gid]]);
    }
    for (const { row, reason } of parked) {
      statements.push([`${update} set parked = 1, reason = ? where ${held([row])}`, [cut(reason), row.gid]]);
    }
    if (statements.length === 0) return;
    await this.#transaction((run) => inTurn(run, statements));
  }

  counts(): Promise<OutboxCounts> {
    const age = this.#dialect.ageMs('min(created_at)');
    const sql = `select parked, count(*) as count, ${age} as age from ${this.#name} group by parked`;
    return this.#transaction((run) =>
      chain(run(sql, []), (rows) => {
        const of = (parked: number) => (rows as Cells[]).find((row) => Number(row['parked']) === parked);
        const [waiting, parked] = [of(0), of(1)];
        const oldestWaitingMs = Math.max(0, Number(waiting?.['age'] ?? 0));
        return { waiting: Number(waiting?.['count'] ?? 0), parked: Number(parked?.['count'] ?? 0), oldestWaitingMs };
      }),
    );
  }

  /** The oldest that are parked. */
  parked(rowsMax: number): Promise<readonly Parked[]> {
    const sql = `select id, gid, reason, attempts from ${this.#name} where parked = 1 order by id limit ${rowsMax}`;
    return this.#transaction((run) => chain(run(sql, []), (rows) => rows.map(parkedRow)));
  }

  /** Has parked rows of this gid sent once more, or deletes them. */
  async settleParked(gid: string, how: 'putBack' | 'discard'): Promise<void> {
    const back = `update ${this.#name} set parked = 0, reason = '', due_at = ${this.#dialect.now}`;
    const begin = how === 'putBack' ? back : `delete from ${this.#name}`;
    await this.#transaction((run) => run(`${begin} where parked = 1 and gid = ?`, [gid]));
  }

  #transaction<T>(work: (run: SqlStatements) => MaybePromise<T>): Promise<T> {
    return this.#access.transaction((run) => chain(inTurn(run, this.#dialect.atBegin), () => work(this.#naming(run))));
  }

  /** Names a table that is missing, with what to do about it. */
  #naming(run: SqlStatements): SqlStatements {
    const explain = (error: unknown): never => {
      if (!this.#dialect.isTableMissing(error)) throw error;
      const told = `there is no table ${this.#table}: call createOutboxTable once`;
      throw new InvalidUse('OUTBOX_TABLE_MISSING', told, error);
    };
    return (sql, values) => {
      try {
        const rows = run(sql, values);
        return isPromiseLike(rows) ? rows.then(undefined, explain) : rows;
      } catch (error) {
        return explain(error);
      }
    };
  }
}

const outside =
  'outbox.send needs the transaction that the message belongs to: begin one, and give what your library works through in it';

type Cells = Readonly<Record<string, string | number | bigint | null>>;

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** One after the other. */
function inTurn(
  run: SqlStatements,
  statements: readonly (string | readonly [string, readonly string[]])[],
): MaybePromise<void> {
  const [first, ...rest] = statements;
  if (first === undefined) return undefined;
  const [sql, values] = typeof first === 'string' ? [first, []] : first;
  return chain(run(sql, values), () => inTurn(run, rest));
}

function claimedRow(row: unknown): ClaimedRow {
  const { id, gid, request, attempts } = row as Cells;
  return { id: String(id), gid: String(gid), request: String(request), earlier: Number(attempts) };
}

function parkedRow(row: unknown): Parked {
  const { id, gid, reason, attempts } = row as Cells;
  return { id: String(id), gid: String(gid), reason: String(reason), attempts: Number(attempts) };
}

/** As SQL: whole numbers that the database made. */
function idsOf(rows: readonly { readonly id: unknown }[]): string[] {
  return rows.map(({ id }) => BigInt(String(id)).toString());
}

function gidsOf(rows: readonly ClaimedRow[]): string[] {
  return rows.map(({ gid }) => gid);
}

/** The rows of these that nobody has claimed since (R2, R3); takes their gids as values. */
function held(rows: readonly ClaimedRow[]): string {
  const one = (row: ClaimedRow): string =>
    `(id = ${idsOf([row]).join('')} and attempts = ${row.earlier + 1} and gid = ?)`;
  return rows.map(one).join(' or ');
}

function cut(reason: string): string {
  // PostgreSQL has no text with a NUL in it.
  return reason.replaceAll('\0', '').slice(0, reasonCharactersMax);
}
