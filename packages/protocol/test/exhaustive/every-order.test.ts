import { afterAll, describe, expect, test } from 'vitest';
import { explore, type Explored } from './explore.js';
import type { Search } from './search.js';
import { searchedTypes } from './searched-types.js';
import { SeenTable } from './seen-table.js';

/** `TANDEM_SEARCH_DEPTH=1` (minutes) and `2` add larger transactions, and print what was searched. */
const depth = Number(process.env['TANDEM_SEARCH_DEPTH'] ?? '-1');

describe.each(Object.entries(searchedTypes))('in every order of events and crashes, a %s', (name, type) => {
  const all = new Map<Search, Explored>();
  const lines: string[] = [];
  const exploreOnce = (options: Search, label: string) => {
    const known = all.get(options);
    if (known !== undefined) return known;
    const startedAt = performance.now();
    const explored = explore(type, options);
    const [states, transitions] = [String(explored.states), String(explored.transitions)];
    lines.push(`| ${name} | ${label} | ${states} | ${transitions} | ${(performance.now() - startedAt).toFixed(0)} |`);
    all.set(options, explored);
    return explored;
  };
  const cases = Object.entries(type.cases).filter(([, options]) => (options.depth ?? 0) <= Math.max(0, depth));

  test.each(cases)('with %s keeps its promises', { timeout: 600_000 }, (label, options) => {
    expect(exploreOnce(options, label).states).toBeGreaterThan(0);
  });

  test('shows every effect of every cell of its table, and no other', { timeout: 600_000 }, () => {
    const seen = new SeenTable(type.table);
    for (const [label, options] of cases) seen.add(exploreOnce(options, label).seen);
    expect(seen.missing()).toEqual([]);
    const { cells, visited } = seen.counts();
    expect(visited).toBe(cells);
    lines.push(`| ${name} | cells visited | ${String(visited)} of ${String(cells)} | | |`);
  });

  afterAll(() => {
    if (depth >= 0) console.log(lines.join('\n'));
  });
});
