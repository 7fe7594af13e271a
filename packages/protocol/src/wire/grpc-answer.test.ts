import { expect, test } from 'vitest';
import { limits } from '../transaction/limits.js';
import { readGrpcAnswer } from './grpc-answer.js';

test('OK is success', () => {
  expect(readGrpcAnswer(0, '')).toEqual({ kind: 'success' });
});

test('ABORTED is failure, but for the word that old SDKs said for ongoing', () => {
  expect(readGrpcAnswer(10, 'no money FAILURE')).toEqual({ kind: 'failure', reason: 'no money FAILURE' });
  expect(readGrpcAnswer(10, '')).toEqual({ kind: 'failure', reason: 'gRPC status 10' });
  expect(readGrpcAnswer(10, 'ONGOING')).toEqual({ kind: 'ongoing', reason: 'ONGOING' });
  expect(readGrpcAnswer(10, 'is ONGOING no more')).toMatchObject({ kind: 'failure' });
});

test('FAILED_PRECONDITION is ongoing, whatever it says', () => {
  expect(readGrpcAnswer(9, 'FAILURE')).toEqual({ kind: 'ongoing', reason: 'FAILURE' });
});

test.each([1, 2, 3, 4, 5, 7, 8, 12, 13, 14, 16, 99])('status %i leaves it open', (code) => {
  expect(readGrpcAnswer(code, 'FAILURE')).toEqual({ kind: 'unknown', reason: `gRPC status ${code}: FAILURE` });
});

test('a long reason is cut', () => {
  const result = readGrpcAnswer(10, 'x'.repeat(limits.reasonCharactersMax + 1));
  expect(result.kind === 'failure' && result.reason.length).toBe(limits.reasonCharactersMax);
});
