import { expect, test } from 'vitest';
import { Counter, gaugeText, Histogram, MeterFamily } from './meters.js';

test("counters are told in Prometheus' text format, one line for each set of labels", () => {
  const family = new MeterFamily('calls_total', 'Calls.', ['type', 'result'], () => new Counter());
  family.with('saga', 'success').increase();
  family.with('saga', 'success').increase(2);
  family.with('msg', 'with "quotes"\n').increase();
  expect(family.text()).toBe(
    [
      '# HELP calls_total Calls.',
      '# TYPE calls_total counter',
      'calls_total{type="saga",result="success"} 3',
      'calls_total{type="msg",result="with \\"quotes\\"\\n"} 1',
      '',
    ].join('\n'),
  );
});

test('the buckets of a histogram count all that is not above their bound', () => {
  const family = new MeterFamily('age_seconds', 'Age.', ['type'], () => new Histogram([0.1, 1]));
  for (const value of [0.05, 0.1, 0.5, 5]) family.with('saga').observe(value);
  expect(family.text().split('\n').slice(2)).toEqual([
    'age_seconds_bucket{type="saga",le="0.1"} 2',
    'age_seconds_bucket{type="saga",le="1"} 3',
    'age_seconds_bucket{type="saga",le="+Inf"} 4',
    'age_seconds_sum{type="saga"} 5.65',
    'age_seconds_count{type="saga"} 4',
    '',
  ]);
});

test('a gauge has a value', () => {
  expect(gaugeText('up', 'Up.', 1)).toBe('# HELP up Up.\n# TYPE up gauge\nup 1\n');
});
