import { expect, test } from 'vitest';
import { XaDatabase } from './xa-database.js';

test('what is prepared stays until it is ended, once', () => {
  const database = new XaDatabase();
  expect(database.start('g-01')).toBe('started');
  expect(database.commit('g-01')).toBe('unknown');
  database.prepare('g-01');
  database.abandon('g-01');
  expect(database.prepared).toEqual(['g-01']);
  expect(database.start('g-01')).toBe('known');
  expect(database.commit('g-01')).toBe('done');
  expect(database.commit('g-01')).toBe('unknown');
  expect(database.prepared).toEqual([]);
});

test('a rollback beside open work waits until that is prepared or gone', () => {
  const database = new XaDatabase();
  database.start('g-01');
  expect(database.rollback('g-01')).toBe('locked');
  database.prepare('g-01');
  expect(database.rollback('g-01')).toBe('done');
});

test('work that begins after its rollback, or after its own end, must not go on', () => {
  const database = new XaDatabase();
  expect(database.rollback('g-01')).toBe('unknown');
  expect(database.start('g-01')).toBe('tooLate');
  database.start('g-02');
  database.prepare('g-02');
  database.commit('g-02');
  expect(database.start('g-02')).toBe('tooLate');
});

test('work that is abandoned leaves nothing, and can begin again', () => {
  const database = new XaDatabase();
  database.start('g-01');
  database.abandon('g-01');
  expect(database.start('g-01')).toBe('started');
});
