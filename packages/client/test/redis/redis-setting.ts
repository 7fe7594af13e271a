import type { RedisBarrierOptions, RedisBarriers } from '@tandem/client/ioredis';

/** A library, connected to a server or a cluster. */
export interface RedisLibrary {
  barriers(options?: RedisBarrierOptions): RedisBarriers;
  /** What the library puts before a key. */
  readonly keyPrefix: string;
  /** A command about a key, past the barriers and the prefix. */
  readonly send: (name: string, key: string, ...more: string[]) => Promise<unknown>;
  /** Makes every server forget its scripts. */
  readonly forgetScripts: () => Promise<unknown>;
  close(): void;
}

/** What the cases use. */
export interface RedisSetting {
  readonly redis: RedisBarriers;
  readonly keyPrefix: string;
  readonly send: (name: string, key: string, ...more: string[]) => Promise<unknown>;
  readonly forgetScripts: () => Promise<unknown>;
  /** The marks of a transaction beside a key, by their fields. */
  readonly marks: (key: string, gid: string) => Promise<Readonly<Record<string, string>>>;
}

export function settingOf(library: RedisLibrary): RedisSetting {
  const { keyPrefix, send, forgetScripts } = library;
  return {
    redis: library.barriers(),
    keyPrefix,
    send,
    forgetScripts,
    marks: async (key, gid) => {
      const name = marksKey(keyPrefix, key, gid);
      const fields = (await send('HKEYS', name)) as string[];
      const values = (await send('HVALS', name)) as string[];
      return Object.fromEntries(fields.map((field, at) => [field, values[at] ?? '']));
    },
  };
}

/** Where the marks are, of a key without braces. */
export function marksKey(keyPrefix: string, key: string, gid: string): string {
  return `${keyPrefix}tandem:{${keyPrefix}${key}}:${gid}`;
}
