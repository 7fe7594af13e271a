import { describe, expect, test } from 'vitest';
import { limits } from '../transaction/limits.js';
import { readHttpAnswer } from './http-answer.js';

const kind = (status: number, body = '', mode: 'strict' | 'compatible' = 'compatible', type = 'application/json') =>
  readHttpAnswer(status, type, body, mode).kind;

describe('an HTTP answer', () => {
  test.each([
    [200, 'success'],
    [201, 'success'],
    [204, 'success'],
    [299, 'success'],
    [202, 'ongoing'],
    [425, 'ongoing'],
    [409, 'failure'],
    [100, 'unknown'],
    [301, 'unknown'],
    [400, 'unknown'],
    [404, 'unknown'],
    [429, 'unknown'],
    [500, 'unknown'],
    [503, 'unknown'],
  ])('%i reads as %s in both modes', (status, wanted) => {
    expect([kind(status), kind(status, '', 'strict')]).toEqual([wanted, wanted]);
  });

  test('keeps what the participant said as the reason, within its limit', () => {
    expect(readHttpAnswer(409, '', ' no money \n', 'strict')).toEqual({ kind: 'failure', reason: 'no money' });
    const json = '{"dtm_result":"FAILURE","message":"no money"}';
    expect(readHttpAnswer(409, '', json, 'strict')).toEqual({ kind: 'failure', reason: 'no money' });
    expect(readHttpAnswer(409, '', '{"error":"no money"}', 'strict')).toEqual({ kind: 'failure', reason: 'no money' });
    expect(readHttpAnswer(409, '', '{"why":"no money"}', 'strict')).toEqual({
      kind: 'failure',
      reason: '{"why":"no money"}',
    });
    expect(readHttpAnswer(409, '', '', 'strict')).toEqual({ kind: 'failure', reason: 'HTTP 409' });
    expect(readHttpAnswer(500, '', 'oops', 'strict')).toEqual({ kind: 'unknown', reason: 'HTTP 500: oops' });
    const long = readHttpAnswer(409, '', 'x'.repeat(1_000_000), 'strict');
    expect(long).toMatchObject({ reason: 'x'.repeat(limits.reasonCharactersMax) });
  });
});

describe("DTM's older answers", () => {
  test.each([
    ['{"dtm_result":"FAILURE"}', 'failure'],
    ['{"dtm_result":"ONGOING","message":"wait"}', 'ongoing'],
    [' {"dtm_result" : "FAILURE" , "message":"no"} ', 'failure'],
    ['FAILURE', 'failure'],
    ['ONGOING\n', 'ongoing'],
    ['"FAILURE"', 'failure'],
    ['{"dtm_result":"SUCCESS","note":"FAILURE"}', 'success'],
    ['{"message":"AUTHENTICATION_FAILURE"}', 'success'],
    ['{"data":{"dtm_result":"FAILURE"}}', 'success'],
    ['[{"dtm_result":"FAILURE"}]', 'success'],
    ['FAILURE is not an option', 'success'],
    ['{"dtm_result":"FAILURE"', 'success'],
    ['', 'success'],
  ])('a success with the body %s reads as %s', (body, wanted) => {
    expect(kind(200, body)).toBe(wanted);
    expect(kind(201, body)).toBe(wanted);
    expect(kind(200, body, 'compatible', 'text/plain')).toBe(wanted);
    expect(kind(200, body, 'strict')).toBe('success');
  });

  test('never turn another status into something', () => {
    expect(kind(500, '{"dtm_result":"FAILURE"}')).toBe('unknown');
    expect(kind(409, '{"dtm_result":"SUCCESS"}')).toBe('failure');
  });

  test('are not looked for in pages', () => {
    expect(kind(200, '{"dtm_result":"FAILURE"}', 'compatible', 'text/html; charset=utf-8')).toBe('success');
  });
});
