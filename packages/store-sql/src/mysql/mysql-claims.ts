import { setTimeout as delay } from 'node:timers/promises';
import type { Backlog, ClaimRequest, ClaimResult, WakeFilter } from '@tandem/store';
import type { SqlRow } from '../server-sql/sql-session.js';
import { mysqlFaults } from './mysql-fault.js';
import { literal, literalList } from './mysql-literal.js';
import type { MysqlPool } from './mysql-pool.js';
import { selectSnapshots, snapshotsOf } from './mysql-reads.js';
import { claimableNever, tables } from './mysql-tables.js';

/** Most characters of bodies that one claim brings into memory. */
const claimBodiesMax = 32 << 20;
/** Before claimants that met may come back. */
const conflictPauseMs = 20;
const byClaimable = 'FORCE INDEX (tandem_tx_claimable)';
const never = String(claimableNever.idle);

/** Who may run what, and when: claims and wakes. */
export class MysqlClaims {
  readonly #pool: MysqlPool;

  constructor(pool: MysqlPool) {
    this.#pool = pool;
  }

  /**
   * First a look that locks nothing, since most claims find nothing; then one transaction in one round trip that takes the
   * leases and brings what it took.
   */
  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const { now, limit, types } = request;
    if (types?.length === 0) return { claimed: [], nextAt: undefined };
    const seen = await this.#look(limit, types);
    const due = seen.filter((row) => Number(row[0]) <= now);
    if (due.length === 0) return { claimed: [], nextAt: timeOf(seen[0]) };
    try {
      const [, taken, next] = await this.#pool.inTransaction([
        this.#take(request, fitting(due)),
        selectTaken(request),
        selectNext(1, types),
      ]);
      const claimed = [...snapshotsOf(taken?.rows ?? [])].sort((one, other) => one.claimedFrom - other.claimedFrom);
      return { claimed: claimed.map((one) => one.transaction), nextAt: timeOf(next?.rows[0]) };
    } catch (error) {
      if (!this.#isLostToOthers(error)) throw error;
      await delay(conflictPauseMs * Math.random());
      return { claimed: [], nextAt: timeOf(seen[0]) };
    }
  }

  async wake({ waitsFor, dueAfter }: WakeFilter, now: number, limit: number): Promise<number> {
    if (waitsFor === '') return 0;
    const found =
      waitsFor === undefined
        ? `${byClaimable} WHERE claimable_at > ${literal(dueAfter)} AND claimable_at < ${never} AND due_at > ${literal(dueAfter)}
           ORDER BY due_at`
        : `WHERE waiting_for = ${literal(waitsFor)} AND waiting_due > ${literal(dueAfter)} ORDER BY waiting_due`;
    const [woken] = await this.#pool.run([
      `UPDATE (SELECT created_at,gid,version FROM ${tables.tx} ${found} LIMIT ${literal(limit)}) d
       STRAIGHT_JOIN ${tables.tx} t ON t.created_at=d.created_at AND t.gid=d.gid AND t.version=d.version
       SET t.due_at=${literal(now)},t.claimable_at=GREATEST(${literal(now)},t.lease_until),
         t.waiting_due=IF(t.waiting_for IS NULL,NULL,${literal(now)}),t.version=t.version+1`,
    ]);
    return woken?.affected ?? 0;
  }

  async backlog(now: number): Promise<Backlog> {
    const { rows } = await this.#pool.query(
      `SELECT count(*),sum(claimable_at <= ?),sum(claimable_at = ?) FROM ${tables.tx} ${byClaimable}
       WHERE claimable_at IS NOT NULL`,
      [now, claimableNever.paused],
    );
    const [unfinished, overdue, paused] = rows[0] ?? [];
    return { unfinished: Number(unfinished ?? 0), overdue: Number(overdue ?? 0), paused: Number(paused ?? 0) };
  }

  /** On Galera claimants on other nodes are met at the commit, where one of them wins; the same again would meet the next. */
  #isLostToOthers(error: unknown): boolean {
    return this.#pool.server.isGalera && mysqlFaults.effectOf(error) === 'rolled back';
  }

  async #look(limit: number, types: readonly string[] | undefined): Promise<readonly SqlRow[]> {
    const [result] = await this.#pool.run([selectNext(limit, types)]);
    return result?.rows ?? [];
  }

  /**
   * The outer condition is the guarantee: what it finds is locked, and can be claimed now. SKIP LOCKED only lets claimants pass
   * each other, where the engine has it.
   */
  #take({ now, types, owner, leaseUntil, token }: ClaimRequest, limit: number): string {
    const skip = this.#pool.server.hasSkipLocked ? 'FOR UPDATE SKIP LOCKED' : '';
    return `UPDATE (SELECT created_at,gid,claimable_at FROM ${tables.tx} ${byClaimable}
        WHERE claimable_at <= ${literal(now)}${ofTypes(types)} ORDER BY claimable_at LIMIT ${literal(limit)} ${skip}) d
      STRAIGHT_JOIN ${tables.tx} t ON t.created_at=d.created_at AND t.gid=d.gid AND t.claimable_at <= ${literal(now)}
      SET t.claimed_from=d.claimable_at,t.claim=${literal(token)},t.version=t.version+1,t.epoch=t.epoch+1,t.token=${literal(token)},
        t.lease_owner=${literal(owner)},t.lease_until=${literal(leaseUntil)},
        t.claimable_at=GREATEST(t.due_at,${literal(leaseUntil)})`;
  }
}

/** What the claim took: its claimable times lie where a claim puts them, which is one time unless the lease has ended by now. */
function selectTaken({ now, leaseUntil, token }: ClaimRequest): string {
  const at = leaseUntil > now ? `= ${literal(leaseUntil)}` : `BETWEEN ${literal(leaseUntil)} AND ${literal(now)}`;
  return selectSnapshots(`t ${byClaimable}`, `t.claimable_at ${at} AND t.claim=${literal(token)}`, 'all');
}

/** `claimable_at, body_bytes` of those that can be claimed first. */
function selectNext(limit: number, types: readonly string[] | undefined): string {
  return `SELECT claimable_at,body_bytes FROM ${tables.tx} ${byClaimable}
    WHERE claimable_at < ${never}${ofTypes(types)} ORDER BY claimable_at LIMIT ${literal(limit)}`;
}

function ofTypes(types: readonly string[] | undefined): string {
  return types === undefined ? '' : ` AND type IN ${literalList(types)}`;
}

function timeOf(row: SqlRow | undefined): number | undefined {
  return row === undefined ? undefined : Number(row[0]);
}

/** How many of them, the first ones, may be in memory at once. At least one, or a large one would never be claimed. */
function fitting(due: readonly SqlRow[]): number {
  let bodies = 0;
  const tooMany = due.findIndex((row, index) => {
    bodies += Number(row[1]);
    return index > 0 && bodies > claimBodiesMax;
  });
  return tooMany === -1 ? due.length : tooMany;
}
