/**
 * A new gid: a UUID of version 7, so that ids made one after the other lie together in a database's index.
 * Made here, not by the coordinator: a transaction has its name before anything can go wrong on the way.
 */
export function newGid(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  // Behind the version, a random UUID has what one of version 7 has there.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
