import { compareBytes, type Backlog, type ClaimRequest, type ClaimResult, type WakeFilter } from '@tandem/store';
import { claimBytesMax, upToBytes } from '../claim-bytes.js';
import { inList, type SqlRow, type SqlValue, type TableNames } from '../server-sql/sql-session.js';
import type { BoundStatement } from './pipelined-batch.js';
import { isUnsupported } from './postgres-fault.js';
import type { PostgresPool } from './postgres-pool.js';
import { transactionOf, type PostgresReads } from './postgres-reads.js';

/** Most transactions of one claim. */
const claimMax = 1_000;

/** How often a claim looks again where others were quicker. */
const looksMax = 20;

/** Who may run what, and when: claims, wakes and the backlog. */
export class PostgresClaims {
  readonly #pool: PostgresPool;
  readonly #reads: PostgresReads;
  readonly #tx: string;
  #skipsLocked: boolean;

  constructor(pool: PostgresPool, reads: PostgresReads, { tx }: TableNames, skipsLocked: boolean) {
    this.#pool = pool;
    this.#reads = reads;
    this.#tx = tx;
    this.#skipsLocked = skipsLocked;
  }

  /**
   * Two round trips: claim, then load. A statement that does both could pair a new head with old rows, because a lock sees
   * the newest version of a record and everything else the statement's snapshot.
   */
  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    if (request.types?.length === 0) return { claimed: [], nextAt: undefined };
    const taken = await this.#take(request);
    const gids = [...taken.keys()];
    const load = gids.length === 0 ? [] : [this.#reads.statement(gids, 'all')];
    const answers = await this.#pool.read([...load, this.#next(request.types)]);
    const loaded = new Map(
      (gids.length === 0 ? [] : (answers[0]?.rows ?? [])).map((row) => [row[0] as string, transactionOf(row, 'all')]),
    );
    // Whoever's lease has ended meanwhile, and was taken by another, is not ours.
    const claimed = gids
      .map((gid) => loaded.get(gid))
      .filter((one) => one?.head.epoch === taken.get(one?.head.gid ?? ''));
    const at = answers.at(-1)?.rows[0]?.[0];
    return { claimed: claimed.filter((one) => one !== undefined), nextAt: at === undefined ? undefined : Number(at) };
  }

  async wake({ waitsFor, dueAfter }: WakeFilter, now: number, limit: number): Promise<number> {
    if (waitsFor === '') return 0;
    const target = waitsFor === undefined ? '' : `AND waits_for <> '' AND waits_for = ?`;
    const wake = this.#pool.bindOnce(
      `UPDATE ${this.#tx} SET due_at = ?, claimable_at = greatest(?::bigint, lease_until), version = version + 1
      WHERE gid = ANY (ARRAY(SELECT gid FROM ${this.#tx} WHERE finished_at IS NULL AND claimable_at IS NOT NULL
        ${target} AND due_at > ? ORDER BY due_at LIMIT ? FOR NO KEY UPDATE))`,
      [now, now, ...(waitsFor === undefined ? [] : [waitsFor]), dueAfter, limit],
    );
    const [woken] = await this.#pool.write([wake]);
    return woken?.affected ?? 0;
  }

  async backlog(now: number): Promise<Backlog> {
    const { rows } = await this.#pool.query(
      `SELECT count(*), coalesce(sum(CASE WHEN claimable_at <= ? THEN 1 ELSE 0 END), 0), coalesce(sum(is_paused), 0)
      FROM ${this.#tx} WHERE finished_at IS NULL`,
      [now],
    );
    const [unfinished, overdue, paused] = rows[0] ?? [];
    return { unfinished: Number(unfinished), overdue: Number(overdue), paused: Number(paused) };
  }

  /** The epoch of each gid whose lease was taken, those first that could be claimed first. */
  async #take(request: ClaimRequest): Promise<ReadonlyMap<string, number>> {
    if (!this.#skipsLocked) return this.#takeByVersion(request);
    try {
      return await this.#takeSkippingLocked(request);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      this.#skipsLocked = false;
      return this.#takeByVersion(request);
    }
  }

  async #takeSkippingLocked(request: ClaimRequest): Promise<ReadonlyMap<string, number>> {
    const due = this.#due(request);
    // By an array of keys: a join could be planned as a walk over the whole table.
    const { rows } = await this.#pool.query(
      `WITH due AS MATERIALIZED (${due.sql} FOR NO KEY UPDATE SKIP LOCKED),
      sized AS (SELECT gid, sum(bytes) OVER (ORDER BY claimable_at, gid) - bytes AS before FROM due),
      taken AS (
        UPDATE ${this.#tx} SET ${takeLease}
        WHERE gid = ANY (ARRAY(SELECT gid FROM sized WHERE before <= ${claimBytesMax})) RETURNING gid, epoch)
      SELECT taken.gid, taken.epoch FROM taken JOIN due ON due.gid = taken.gid ORDER BY due.claimable_at`,
      [...due.values, ...takeValues(request)],
    );
    return new Map(rows.map(([gid, epoch]) => [gid as string, Number(epoch)]));
  }

  /** Where the engine cannot skip what is locked, whoever comes second finds another version, and looks again. */
  async #takeByVersion(request: ClaimRequest): Promise<ReadonlyMap<string, number>> {
    const taken = new Map<string, number>();
    for (let look = 1; look <= looksMax && taken.size < request.limit; look++) {
      const due = this.#due({ ...request, limit: request.limit - taken.size });
      const found = (await this.#pool.query(due.sql, due.values)).rows;
      const fitting = upToBytes(found);
      const epochs = await this.#takeThese(fitting, request);
      for (const [gid] of fitting) {
        const epoch = epochs.get(gid as string);
        if (epoch !== undefined) taken.set(gid as string, epoch);
      }
      // Nobody was quicker, so that is all there is, or all that fits.
      if (epochs.size === found.length || fitting.length < found.length) break;
    }
    return taken;
  }

  async #takeThese(found: readonly SqlRow[], request: ClaimRequest): Promise<ReadonlyMap<string, number>> {
    if (found.length === 0) return new Map();
    const sql = `UPDATE ${this.#tx} SET ${takeLease} WHERE gid = ? AND version = ? RETURNING gid, epoch`;
    const statements = [...found]
      .sort(byGid)
      .map(([gid, , , version]) => this.#pool.bind(sql, [...takeValues(request), gid as string, Number(version)]));
    const results = await this.#pool.write(statements);
    return new Map(results.flatMap(({ rows }) => rows).map(([gid, epoch]) => [gid as string, Number(epoch)]));
  }

  #due({ now, types, limit }: ClaimRequest): { readonly sql: string; readonly values: readonly SqlValue[] } {
    const list = types === undefined ? undefined : inList(types);
    return {
      sql: `SELECT gid, claimable_at, octet_length(body) AS bytes, version FROM ${this.#tx}
        WHERE finished_at IS NULL AND claimable_at <= ? ${list === undefined ? '' : `AND type IN ${list.sql}`}
        ORDER BY claimable_at LIMIT ?`,
      values: [now, ...(list?.values ?? []), Math.min(limit, claimMax)],
    };
  }

  /** When the next of these types can be claimed. */
  #next(types: readonly string[] | undefined): BoundStatement {
    const list = types === undefined ? undefined : inList(types);
    return this.#pool.bindOnce(
      `SELECT claimable_at FROM ${this.#tx} WHERE finished_at IS NULL AND claimable_at IS NOT NULL
        ${list === undefined ? '' : `AND type IN ${list.sql}`} ORDER BY claimable_at LIMIT 1`,
      list?.values,
    );
  }
}

const takeLease = `version = version + 1, epoch = epoch + 1, token = ?, lease_owner = ?, lease_until = ?,
  claimable_at = greatest(due_at, ?::bigint)`;

function takeValues({ token, owner, leaseUntil }: ClaimRequest): readonly SqlValue[] {
  return [token, owner, leaseUntil, leaseUntil];
}

function byGid(one: SqlRow, other: SqlRow): number {
  return compareBytes(one[0] as string, other[0] as string);
}
