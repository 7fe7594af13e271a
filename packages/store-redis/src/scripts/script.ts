import { createHash } from 'node:crypto';

/** A script as Redis knows it: by the digest of its text. */
export interface Script {
  readonly name: string;
  readonly text: string;
  readonly sha: string;
}

/** Scripts are joined from pieces of Lua; comments in them would travel to every server, so they stand in the TypeScript. */
export function scriptOf(name: string, ...pieces: readonly string[]): Script {
  const text = pieces
    .join('\n')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
  return { name, text, sha: createHash('sha1').update(text).digest('hex') };
}
