/** What is used of a Redis library: each entry has one of these, and nothing else knows which library it is. */
export interface RedisDriver {
  /** What the library puts before each key. */
  readonly keyPrefix: string;
  /** Runs a script by its SHA-1; fails with NOSCRIPT where the server does not know it. */
  runKnown(sha1: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Runs a script by its text. */
  run(lua: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}

/**
 * Runs a script by its SHA-1, and by its text where the server does not know it: after its start, or its failover. Before that,
 * `beforeText` may look at such a server.
 */
export async function runScript(
  driver: RedisDriver,
  script: { readonly lua: string; readonly sha1: string },
  { keys, args, beforeText }: ScriptCall,
): Promise<unknown> {
  try {
    return await driver.runKnown(script.sha1, keys, args);
  } catch (error) {
    if (!isErrorReply(error, 'NOSCRIPT')) throw error;
    await beforeText();
    return driver.run(script.lua, keys, args);
  }
}

export interface ScriptCall {
  readonly keys: readonly string[];
  readonly args: readonly string[];
  readonly beforeText: () => Promise<void>;
}

/** Whether it is an error that Redis answered, by the word that it begins with. */
export function isErrorReply(error: unknown, word: string): error is Error {
  return error instanceof Error && error.message.startsWith(`${word} `);
}
