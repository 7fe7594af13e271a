/**
 * What to do where the server takes no more connections: go on with those that there are, rather than fail.
 *
 * L1. A pool that was refused one opens no more for a while: who waits gets one that comes free.
 * L2. A pool that has none is given the place of another pool's, be it the only one: reads that hold all that there is do not
 *     keep writes out. Where there is room for one alone, they take turns.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';

/** How long a pool makes do with what it has. */
const modestMs = 5_000;
const pauseMs = 50;

interface Member {
  readonly pool: Pool;
  /** Connections that it has; the pool's own count has those too that are being opened. */
  open: number;
  readonly max: number;
  modestUntil: number;
  makingRoom: Promise<void> | undefined;
}

/** See the file head. */
export class ServerLimit {
  readonly #members: readonly Member[];

  constructor(pools: readonly Pool[]) {
    this.#members = pools.map(memberOf);
  }

  /** Before a pool is asked for a connection: it may have been modest for long enough. */
  look(pool: Pool): void {
    const member = this.#members.find((one) => one.pool === pool);
    if (member !== undefined && performance.now() > member.modestUntil) pool.options.max = member.max;
  }

  /** The server has refused the pool a connection; resolves when it may be asked again. */
  async makeRoom(pool: Pool): Promise<void> {
    const member = this.#members.find((one) => one.pool === pool);
    if (member === undefined) return;
    keepToWhatThereIs(member, member.open);
    member.makingRoom ??= this.#makeRoom(member).finally(() => (member.makingRoom = undefined));
    await member.makingRoom;
  }

  async #makeRoom(member: Member): Promise<void> {
    const richest = this.#members.reduce((one, other) => (other.open > one.open ? other : one));
    if (member.open === 0 && richest.open > 0) {
      keepToWhatThereIs(richest, richest.open - 1);
      const given = await richest.pool.connect().catch(() => undefined);
      given?.release(true);
    }
    await delay(pauseMs * (0.5 + Math.random()));
  }
}

function memberOf(pool: Pool): Member {
  const member: Member = { pool, open: 0, max: pool.options.max, modestUntil: 0, makingRoom: undefined };
  pool.on('connect', () => member.open++);
  pool.on('remove', () => member.open--);
  return member;
}

function keepToWhatThereIs(member: Member, count: number): void {
  member.pool.options.max = Math.min(member.max, Math.max(1, count));
  member.modestUntil = performance.now() + modestMs;
}
