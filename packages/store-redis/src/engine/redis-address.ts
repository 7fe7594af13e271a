/** Where a node listens. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** The address as a text: for messages, and to tell nodes apart. */
export function addressText({ host, port }: RedisAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads `host:port` as Redis writes it in redirections; an empty host means the one that was asked. */
export function parseAddress(text: string, asked: RedisAddress): RedisAddress | undefined {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port) || port < 1) return undefined;
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host: host === '' ? asked.host : host, port };
}
