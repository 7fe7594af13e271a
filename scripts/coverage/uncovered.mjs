import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * @typedef {{ start: { line: number, column: number }, end: { line: number, column: number | null } }} Range
 * @typedef {{ path: string, statementMap: Record<string, Range>, s: Record<string, number>,
 *   fnMap: Record<string, { name: string, decl: Range }>, f: Record<string, number>,
 *   branchMap: Record<string, { type: string, loc: Range, locations: Range[] }>, b: Record<string, number[]> }} FileCoverage
 * @typedef {{ file: string, line: number, kind: 'statement' | 'function' | 'branch', code: string }} Uncovered
 */

/**
 * What no test has reached, one entry for each line and kind: statements, functions, and branches of lines that were reached.
 *
 * @param {Record<string, FileCoverage>} coverage Istanbul's format, by path
 * @param {string} root
 * @returns {readonly Uncovered[]}
 */
export function uncoveredIn(coverage, root) {
  return Object.values(coverage)
    .flatMap((file) => uncoveredOf(file, relative(root, file.path), readFileSync(file.path, 'utf8').split('\n')))
    .sort((one, other) => (one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1));
}

/** How much of some files tests have reached, in words. @param {readonly FileCoverage[]} files */
export function reachedIn(files) {
  /** @param {string} what @param {(file: FileCoverage) => readonly number[]} countsOf */
  const share = (what, countsOf) => {
    const counts = files.flatMap(countsOf);
    return `${String(counts.filter((count) => count > 0).length)} of ${String(counts.length)} ${what}`;
  };
  return [
    share('statements', ({ s }) => Object.values(s)),
    share('functions', ({ f }) => Object.values(f)),
    share('branches', ({ b }) => Object.values(b).flat()),
  ].join(', ');
}

/** @param {FileCoverage} coverage @param {string} file @param {readonly string[]} lines @returns {Uncovered[]} */
function uncoveredOf(coverage, file, lines) {
  /** @type {Map<number, Uncovered>} */
  const found = new Map();
  /** @param {Uncovered['kind']} kind @param {Range} range */
  const note = (kind, { start: { line } }) => {
    if (!found.has(line)) found.set(line, { file, line, kind, code: (lines[line - 1] ?? '').trim() });
  };
  for (const [id, range] of Object.entries(coverage.statementMap)) if (coverage.s[id] === 0) note('statement', range);
  for (const [id, { decl }] of Object.entries(coverage.fnMap)) if (coverage.f[id] === 0) note('function', decl);
  for (const [id, { loc, locations }] of Object.entries(coverage.branchMap)) {
    coverage.b[id]?.forEach((count, arm) => {
      // An arm that is not written down (a missing else) has no place of its own.
      const at = locations[arm];
      if (count === 0) note('branch', at?.start.line === undefined ? loc : at);
    });
  }
  return [...found.values()];
}
