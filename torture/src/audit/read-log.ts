import { readFileSync } from 'node:fs';

/** What a coordinator prints that is no log line, and is right: it starts, stops, or says why it cannot start. */
const expectedLines = [
  /^tandem is ready at /,
  /^tandem is stopping/,
  /^tandem has stopped$/,
  /^tandem: the store in .* does not open/,
];

/** Lines of the coordinator's log that tell of a defect: errors, and anything that it does not say on purpose. */
export function defectsIn(logPath: string): string[] {
  return readFileSync(logPath, 'utf8').split('\n').filter(isDefect);
}

export function isDefect(line: string): boolean {
  if (line === '') return false;
  if (!line.startsWith('{')) return !expectedLines.some((expected) => expected.test(line));
  try {
    const { level } = JSON.parse(line) as { readonly level?: unknown };
    return level === 'error' || level === 'fatal';
  } catch {
    // A process that is killed may leave half a line; what follows starts a line of its own only by chance.
    return false;
  }
}
