import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allCases } from '../cases/all-cases.js';
import { differenceOf } from '../case.js';
import { likenessOf } from '../run-cases.js';
import { differenceTable, tableEnd, tableStart } from './differences.js';
import { readRecording, recordingOf } from './recorded-run.js';

const dtm = readRecording(recordingOf('dtm'));
const tandem = readRecording(recordingOf('tandem'));
const runs = allCases.flatMap((one) => one.wires.map((wire) => ({ one, wire, name: `${one.id} on ${wire}` })));

test('the recorded runs hold every case on every wire, and no other', () => {
  const names = runs.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const recording of [dtm, tandem]) expect(recording.map(({ id, wire }) => `${id} on ${wire}`)).toEqual(names);
});

test('DTM was recorded as the cases say that it is', () => {
  const surprises = runs.filter(({ one, wire }, index) => likenessOf(one, wire, dtm[index]?.facts ?? {}) !== 'as DTM');
  expect(surprises.map(({ name }) => name)).toEqual([]);
});

test('Tandem was recorded as DTM but where a difference is judged, and every judged difference is real', () => {
  const surprises = runs.filter(({ one, wire }, index) => {
    const wanted = differenceOf(one, wire) === undefined ? 'as DTM' : 'as Tandem';
    return likenessOf(one, wire, tandem[index]?.facts ?? {}) !== wanted;
  });
  expect(surprises.map(({ name }) => name)).toEqual([]);
});

test('docs/conformance.md has the table of these recorded runs', () => {
  const document = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8');
  const table = document.slice(document.indexOf(tableStart) + tableStart.length, document.indexOf(tableEnd));
  const squeezed = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---').trim();
  expect(squeezed(table)).toBe(squeezed(differenceTable(allCases, dtm, tandem)));
});
