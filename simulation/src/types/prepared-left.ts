import type { World } from '../world.js';

/** A database keeps what is prepared, with its locks, until somebody ends it. */
export function preparedLeft(gid: string, { participants }: World): readonly string[] {
  const left = participants.flatMap(({ database }) => database.prepared.filter((xid) => xid.startsWith(`${gid}-`)));
  return left.length === 0 ? [] : [`${left.join(', ')} is still prepared`];
}
