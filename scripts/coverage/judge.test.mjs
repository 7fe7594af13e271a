import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judge } from './judge.mjs';
import { reachedIn, uncoveredIn } from './uncovered.mjs';

/** @param {number} line @param {string} code @returns {import('./uncovered.mjs').Uncovered} */
const place = (line, code) => ({ file: 'a.ts', line, kind: 'branch', code });

test('what nobody has explained is told, and so is what explains nothing', () => {
  const uncovered = [place(1, 'list[at] ?? 0'), place(2, 'default:'), place(3, 'lost()')];
  const explanations = [
    { why: 'index', file: 'a.ts', code: 'list[at] ?? 0' },
    { why: 'closed', code: 'default:' },
    { why: 'index', file: 'b.ts', code: 'lost()' },
  ];
  expect(judge(uncovered, explanations, () => true)).toEqual({
    unexplained: [place(3, 'lost()')],
    idle: [explanations[2]],
    explained: 2,
  });
});

test('a guard against a race may be reached by luck, and is explained as long as it is there', () => {
  const guards = ['if (isStopped) return;', 'if (gone) return;'].map((code) => ({ why: 'race', file: 'a.ts', code }));
  expect(judge([], guards, (_, code) => code.includes('isStopped')).idle).toEqual([guards[1]]);
});

test('statements, functions and branches that were not reached are told once for each line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-coverage-'));
  const path = join(folder, 'a.ts');
  writeFileSync(path, 'one();\nif (two) three();\nfunction four() {}\n');
  /** @param {number} line */
  const at = (line) => ({ start: { line, column: 0 }, end: { line, column: 1 } });
  const coverage = {
    path,
    statementMap: { 0: at(1), 1: at(2), 2: at(2) },
    s: { 0: 1, 1: 1, 2: 0 },
    fnMap: { 0: { name: 'four', decl: at(3) } },
    f: { 0: 0 },
    branchMap: { 0: { type: 'if', loc: at(2), locations: [at(2)] } },
    b: { 0: [0, 1] },
  };
  expect(uncoveredIn({ [path]: coverage }, folder)).toEqual([
    { file: 'a.ts', line: 2, kind: 'statement', code: 'if (two) three();' },
    { file: 'a.ts', line: 3, kind: 'function', code: 'function four() {}' },
  ]);
  expect(reachedIn([coverage])).toBe('2 of 3 statements, 0 of 1 functions, 1 of 2 branches');
  rmSync(folder, { recursive: true });
});
