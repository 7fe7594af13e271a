import type { Backlog, ClaimRequest, WakeFilter } from '@tandem/store';
import { upToBytes } from '../claim-bytes.js';
import type { SqliteConnection, SqlRow, Statement } from './sqlite-connection.js';

/** Who may run what, and when: claims, wakes and leases. */
export class SqliteClaims {
  readonly #connection: SqliteConnection;
  readonly #due: Statement;
  readonly #take: Statement;
  readonly #next: Statement;
  readonly #waiting: Statement;
  readonly #waitingFor: Statement;
  readonly #wake: Statement;
  readonly #voidLeases: Statement;
  readonly #backlog: Statement;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#due = connection.prepare(`
      SELECT id, gid, octet_length(body) FROM tx JOIN tx_body ON tx_id = id
      WHERE finished_at IS NULL AND claimable_at <= ?1
        AND (?2 IS NULL OR type IN (SELECT value FROM json_each(?2))) ORDER BY claimable_at LIMIT ?3`);
    this.#take = connection.prepare(`
      UPDATE tx SET version = version + 1, epoch = epoch + 1, token = ?, lease_owner = ?, lease_until = ?,
        claimable_at = max(due_at, ?) WHERE id = ?`);
    this.#next = connection.prepare(`
      SELECT claimable_at FROM tx WHERE finished_at IS NULL AND claimable_at IS NOT NULL
        AND (?1 IS NULL OR type IN (SELECT value FROM json_each(?1))) ORDER BY claimable_at LIMIT 1`);
    this.#waiting = connection.prepare(`
      SELECT id FROM tx WHERE finished_at IS NULL AND claimable_at > ? AND due_at > ? ORDER BY due_at LIMIT ?`);
    this.#waitingFor = connection.prepare(`
      SELECT id FROM tx WHERE finished_at IS NULL AND waits_for <> '' AND waits_for = ? AND due_at > ?
        AND claimable_at IS NOT NULL ORDER BY due_at LIMIT ?`);
    this.#wake = connection.prepare(
      'UPDATE tx SET due_at = ?, claimable_at = max(?, lease_until), version = version + 1 WHERE id = ?',
    );
    this.#voidLeases = connection.prepare(`
      UPDATE tx SET lease_owner = '', lease_until = 0, claimable_at = CASE WHEN claimable_at IS NULL THEN NULL ELSE due_at END
      WHERE finished_at IS NULL AND lease_until > 0`);
    this.#backlog = connection.prepare(`
      SELECT count(*), sum(claimable_at <= ?), sum(is_paused) FROM tx WHERE finished_at IS NULL`);
  }

  /** Takes the leases; answers the gids, those first that could be claimed first. */
  take(request: ClaimRequest): readonly string[] {
    const due = upToBytes(this.#due.all(request.now, typesAsJson(request.types), request.limit));
    if (due.length === 0) return [];
    this.#connection.transaction(() => {
      for (const [id] of due) {
        this.#take.run(request.token, request.owner, request.leaseUntil, request.leaseUntil, id ?? null);
      }
    });
    return due.map((row) => row[1] as string);
  }

  /** When the next of these types can be claimed. */
  nextAt(types: readonly string[] | undefined): number | undefined {
    const at = this.#next.get(typesAsJson(types))?.[0];
    return typeof at === 'number' ? at : undefined;
  }

  wake(filter: WakeFilter, now: number, limit: number): number {
    const { waitsFor, dueAfter } = filter;
    const waiting = this.#find(waitsFor, dueAfter, limit);
    if (waiting.length === 0) return 0;
    this.#connection.transaction(() => {
      for (const [id] of waiting) this.#wake.run(now, now, id ?? null);
    });
    return waiting.length;
  }

  /** Whoever held a lease in this file is gone: the file is ours alone. */
  voidLeases(): number {
    return this.#connection.transaction(() => this.#voidLeases.run().changes);
  }

  backlog(now: number): Backlog {
    const row = this.#backlog.get(now) ?? [];
    return { unfinished: Number(row[0] ?? 0), overdue: Number(row[1] ?? 0), paused: Number(row[2] ?? 0) };
  }

  #find(waitsFor: string | undefined, dueAfter: number, limit: number): readonly SqlRow[] {
    if (waitsFor === undefined) return this.#waiting.all(dueAfter, dueAfter, limit);
    return waitsFor === '' ? [] : this.#waitingFor.all(waitsFor, dueAfter, limit);
  }
}

/** One prepared statement serves every set of types; null: any. */
function typesAsJson(types: readonly string[] | undefined): string | null {
  return types === undefined ? null : JSON.stringify(types);
}
