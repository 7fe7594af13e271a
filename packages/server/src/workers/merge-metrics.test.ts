import { expect, test } from 'vitest';
import { mergeMetrics } from './merge-metrics.js';

const text = (count: number, sum: number) => `# HELP a_total Some.
# TYPE a_total counter
a_total ${String(count)}
# HELP b_seconds Time.
# TYPE b_seconds histogram
b_seconds_bucket{op="x y",le="+Inf"} 1
b_seconds_sum{op="x y"} ${String(sum)}
`;

test('samples of one name stand together, each with the number of its worker', () => {
  const merged = mergeMetrics(
    new Map([
      [1, text(3, 0.5)],
      [2, text(4, 0.25)],
    ]),
  );
  expect(merged).toBe(`# HELP a_total Some.
# TYPE a_total counter
a_total{worker="1"} 3
a_total{worker="2"} 4
# HELP b_seconds Time.
# TYPE b_seconds histogram
b_seconds_bucket{worker="1",op="x y",le="+Inf"} 1
b_seconds_sum{worker="1",op="x y"} 0.5
b_seconds_bucket{worker="2",op="x y",le="+Inf"} 1
b_seconds_sum{worker="2",op="x y"} 0.25
`);
});

test('what only one of them has is there', () => {
  expect(mergeMetrics(new Map([[2, '# HELP c C.\n# TYPE c gauge\nc 1\n']]))).toContain('c{worker="2"} 1');
  expect(mergeMetrics(new Map())).toBe('');
});
