import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyDefinition, anyHeadState, anyRequestBody, anyRow, anyText } from '../../test/support/arbitraries.js';
import { messageDefaults, plainDefaults } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { TandemError, type OpenIntent } from '../index.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { readHttpAnswer } from './http-answer.js';
import { parseTransactionRequest, type ParsedRequest } from './parse-request.js';
import { sameContent } from './same-content.js';
import { decodeBody, encodeBody } from './stored-body.js';
import { decodeHeadState, encodeHeadState } from './stored-head-state.js';
import { decodeRow, encodeRow } from './stored-row.js';
import { encodeUtf8, isLongerThan, utf8Length } from './utf8.js';

/** What `read` answers; undefined where it refuses as it should, and a failure where it breaks. */
function readOrRefused<Value>(read: () => Value, codes?: readonly string[]): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    if (codes !== undefined) expect(codes).toContain(error.code);
    return undefined;
  }
}

const intents = fc.constantFrom<OpenIntent>('submit', 'prepare');

describe('any request body', () => {
  const parsed = (body: unknown, intent: OpenIntent) => readOrRefused(() => parseTransactionRequest(body, intent));

  test('is read or refused with a code, never anything else', () => {
    fc.assert(
      fc.property(anyRequestBody, intents, (body, intent) => {
        parsed(body, intent);
      }),
      { numRuns: 3_000 },
    );
  });

  test('that is read is the same after it was stored, and the same as its own repeat', () => {
    fc.assert(
      fc.property(anyRequestBody, intents, (body, intent) => {
        const request = parsed(body, intent);
        if (request === undefined) return;
        const stored = decodeBody(encodeBody(request.definition));
        expect(stored).toEqual(request.definition);
        expect(sameContent(stored, request.definition, request.hasSteps)).toBe(true);
        expect(parseTransactionRequest(JSON.parse(JSON.stringify(body)), intent)).toEqual(request);
      }),
      { numRuns: 3_000 },
    );
  });

  test('that is read and opened comes to its end when every call succeeds', () => {
    let ended = 0;
    fc.assert(
      fc.property(anyRequestBody, intents, (body, intent) => {
        const request = parsed(body, intent);
        const run = request && readOrRefused(() => opened(request, intent));
        if (run === undefined) return;
        run.runToEnd();
        expect(run.tx.head.status).toMatch(/succeed|failed/);
        ended += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(ended).toBeGreaterThan(100);
  });
});

function opened({ definition, delayMs }: ParsedRequest, intent: OpenIntent): DrivenTransaction {
  const defaults = definition.type === 'msg' ? messageDefaults : plainDefaults;
  const withSubscribers = { ...definition, subscribers: { t: ['http://x', 'http://y'] } };
  return new DrivenTransaction(withSubscribers, defaults, { intent, delayMs });
}

describe('what is stored', () => {
  test('reads back as it was', () => {
    fc.assert(
      fc.property(anyDefinition, anyHeadState, anyRow, (definition, state, row) => {
        expect(decodeBody(encodeBody(definition))).toEqual(definition);
        expect(decodeHeadState(encodeHeadState(state))).toEqual(state);
        expect(decodeRow(row.branchId, row.op, encodeRow(row))).toEqual(row);
      }),
      { numRuns: 1_000 },
    );
  });

  test('and is damaged in any place is refused as unreadable, or read as something that stores itself', () => {
    const damaged = fc.tuple(anyDefinition, anyHeadState, anyRow, fc.jsonValue(), fc.nat());
    fc.assert(
      fc.property(damaged, ([definition, state, row, value, place]) => {
        const body = readOrRefused(() => decodeBody(damage(encodeBody(definition), value, place)), ['INTERNAL']);
        if (body !== undefined) expect(decodeBody(encodeBody(body))).toEqual(body);
        const head = readOrRefused(() => decodeHeadState(damage(encodeHeadState(state), value, place)), ['INTERNAL']);
        if (head !== undefined) expect(decodeHeadState(encodeHeadState(head))).toEqual(head);
        const read = () => decodeRow(row.branchId, row.op, damage(encodeRow(row), value, place));
        const again = readOrRefused(read, ['INTERNAL']);
        if (again !== undefined) expect(decodeRow(again.branchId, again.op, encodeRow(again))).toEqual(again);
      }),
      { numRuns: 3_000 },
    );
  });

  test('and is no such text at all is refused as unreadable', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.json()), (stored) => {
        for (const decode of [decodeBody, decodeHeadState, (value: string) => decodeRow('01', 'action', value)]) {
          expect(readOrRefused<unknown>(() => decode(stored), ['INTERNAL'])).toBeUndefined();
        }
      }),
    );
  });
});

/** A stored list with one value, at any depth, replaced. */
function damage(stored: string, value: unknown, place: number): string {
  let at = 0;
  const total = countOf(JSON.parse(stored));
  const replaced = JSON.stringify(JSON.parse(stored), (_, old: unknown) =>
    (at += 1) === (place % total) + 1 ? value : old,
  );
  return replaced;
}

function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + countOf(member), 1);
}

describe('the same content', () => {
  test('is what a definition and itself have, whichever options differ', () => {
    fc.assert(
      fc.property(anyDefinition, anyDefinition, fc.boolean(), (definition, other, hasSteps) => {
        const sameSteps = hasSteps || definition.steps.length === 0 || definition.type === 'msg';
        expect(sameContent(definition, { ...definition, options: other.options }, hasSteps)).toBe(sameSteps);
      }),
    );
  });

  test('is a matter of both sides', () => {
    fc.assert(
      fc.property(anyDefinition, anyDefinition, (one, other) => {
        expect(sameContent(one, other, true)).toBe(sameContent(other, one, true));
      }),
    );
  });
});

describe('any answer of a participant', () => {
  const words = fc.constantFrom('FAILURE', 'ONGOING', '{"dtm_result":"FAILURE"}', '"ONGOING"', '{"message":7}', '{"a');
  const answers = fc.tuple(fc.integer({ min: 100, max: 599 }), anyText, fc.oneof(anyText, words, fc.json()));

  test('reads as one of four, and in strict mode by its status alone', () => {
    fc.assert(
      fc.property(answers, ([status, contentType, body]) => {
        const strict = readHttpAnswer(status, contentType, body, 'strict');
        const compatible = readHttpAnswer(status, contentType, body, 'compatible');
        expect(strict.kind).toBe(readHttpAnswer(status, '', '', 'strict').kind);
        // The older rule can only take a success back.
        if (strict.kind !== 'success') expect(compatible).toEqual(strict);
        if (compatible.kind !== 'success') expect(compatible.reason).not.toBe('');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('text and bytes', () => {
  test('agree with the standard', () => {
    fc.assert(
      fc.property(anyText, fc.uint8Array(), fc.nat({ max: 40 }), (text, bytes, most) => {
        expect(Buffer.from(encodeUtf8(text)).equals(Buffer.from(text))).toBe(true);
        expect(utf8Length(text)).toBe(Buffer.byteLength(text));
        expect(isLongerThan(text, most)).toBe(Buffer.byteLength(text) > most);
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  test('base64 that is read spells itself the same again', () => {
    const close = fc.array(fc.constantFrom('A', 'b', '9', '+', '/', '=', '-', ' '), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          close.map((letters) => letters.join('')),
        ),
        (spelled) => {
          const bytes = decodeBase64(spelled);
          if (bytes !== undefined) expect(bytes).toEqual(Uint8Array.from(Buffer.from(spelled, 'base64')));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
