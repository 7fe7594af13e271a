import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../test/support/seeded-random.js';
import { message, saga } from '../../test/support/definitions.js';
import {
  branchOps,
  type BranchRequest,
  type BranchRow,
  type Definition,
  type HeadState,
  type Registered,
} from '../index.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { sameContent } from './same-content.js';
import { decodeBody, encodeBody } from './stored-body.js';
import { decodeHeadState, encodeHeadState } from './stored-head-state.js';
import { decodeRow, encodeRow } from './stored-row.js';
import { encodeUtf8, isLongerThan, utf8Length } from './utf8.js';

function anyDefinition(random: SeededRandom): Definition {
  const steps = random.list(4, () => ({
    action: random.text(5),
    compensate: random.text(5),
    payload: random.flag() ? random.text(20) : random.bytes(20),
    isAsync: random.flag(),
    ...(random.below(4) === 0 && { request: anyRequest(random) }),
  }));
  return {
    type: random.pick(['saga', 'msg', 'tcc', 'xa', 'workflow']),
    protocol: random.pick(['http', 'grpc', 'json-rpc']),
    steps,
    isConcurrent: random.flag(),
    orders: random.flag() ? {} : { 1: [0], 3: [1, 2] },
    subscribers: Object.fromEntries(
      random.list(3, () => [random.pick(['t', '__proto__', random.text(4)]), [random.text(4)]]),
    ),
    queryPrepared: random.text(5),
    customData: random.text(30),
    options: {
      waitResult: random.flag(),
      timeoutToFailMs: random.flag() ? undefined : random.below(1e9),
      requestTimeoutMs: random.flag() ? undefined : random.below(1e9),
      checkIntervalMs: random.flag() ? undefined : random.below(1e9),
      retry: {
        ...(random.flag() && { initialMs: random.below(1e6) }),
        ...(random.flag() && { factor: random.share() }),
        ...(random.flag() && { maxMs: random.below(1e6) }),
        ...(random.flag() && { jitter: random.share() }),
        ...(random.flag() && { limit: random.below(10) }),
        ...(random.flag() && { then: random.pick(['rollback', 'pause', 'fail'] as const) }),
      },
      branchHeaders: Object.fromEntries(random.list(3, () => [random.pick(['a', '__proto__', 'x-1']), random.text(4)])),
      ...(random.below(4) === 0 && { branchMethod: 'PATCH' as const }),
    },
  };
}

function anyRequest(random: SeededRandom): BranchRequest {
  return {
    ...(random.flag() && { method: random.pick(['GET', 'PUT'] as const) }),
    ...(random.flag() && { headers: Object.fromEntries(random.list(2, () => [random.text(3), random.text(3)])) }),
  };
}

function anyRegistered(random: SeededRandom): Registered {
  const urls = random.pick([{}, { confirm: random.text(5), cancel: '' }, { commit: 'http://a', rollback: 'http://a' }]);
  return {
    urls,
    payload: random.flag() ? random.text(20) : random.bytes(20),
    ordinal: random.below(10_000),
    ...(random.flag() && { request: anyRequest(random) }),
  };
}

function anyState(random: SeededRandom): HeadState {
  return {
    reason: random.text(10),
    pauseReason: random.flag() ? '' : random.text(10),
    submittedAt: random.below(1e13),
    delayMs: random.below(1e6),
    isForced: random.flag(),
  };
}

function anyRow(random: SeededRandom): BranchRow {
  return {
    branchId: random.pick(['01', '00', '01-02', '10000']),
    op: random.pick([...branchOps]),
    status: random.pick(['prepared', 'succeed', 'failed']),
    attempts: random.below(1000),
    nextAttemptAt: random.below(1e13),
    reason: random.flag() ? '' : random.text(10),
    createdAt: random.below(1e13),
    updatedAt: random.below(1e13),
  };
}

function anyRegisteredRow(random: SeededRandom): BranchRow {
  return { ...anyRow(random), registered: anyRegistered(random) };
}

describe('what is stored', () => {
  test('reads back as it was', () => {
    const random = new SeededRandom(4);
    for (let round = 0; round < 3_000; round += 1) {
      const definition = anyDefinition(random);
      expect(decodeBody(encodeBody(definition))).toEqual(definition);
      const state = anyState(random);
      expect(decodeHeadState(encodeHeadState(state))).toEqual(state);
      for (const row of [anyRow(random), anyRegisteredRow(random)]) {
        expect(decodeRow(row.branchId, row.op, encodeRow(row))).toEqual(row);
      }
    }
  });

  test('of what was registered is refused when it is damaged, whatever is missing or changed', () => {
    const row: BranchRow = {
      ...anyRow(new SeededRandom(9)),
      registered: {
        urls: { confirm: 'http://a' },
        payload: 'p',
        ordinal: 3,
        request: { method: 'PUT', headers: { a: 'b' } },
      },
    };
    const value = encodeRow(row);
    expect(value.startsWith('[2,')).toBe(true);
    expect(decodeRow(row.branchId, row.op, value)).toEqual(row);
    const registered = ',[{"confirm":"http://a"},"p",3,["PUT",{"a":"b"}]]]';
    expect(value.endsWith(registered)).toBe(true);
    for (const damaged of [
      ']',
      ',1]',
      ',[]]',
      ',[[],"p",3,null]]',
      ',[{"confirm":1},"p",3,null]]',
      ',[{},1,3,null]]',
      ',[{},["?"],3,null]]',
      ',[{},"p","3",null]]',
      ',[{},"p",3]]',
      ',[{},"p",3,[]]]',
      ',[{},"p",3,["TRACE",null]]]',
      ',[{},"p",3,[null,{"a":1}]]]',
    ]) {
      const read = () => decodeRow(row.branchId, row.op, value.replace(registered, damaged));
      expect(read).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    }
    expect(() => decodeRow(row.branchId, row.op, value.replace('[2,', '[1,'))).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });

  test('starts with its format, and another format is refused', () => {
    const row = anyRow(new SeededRandom(5));
    const [body, state, value] = [
      encodeBody(saga(['ac'])),
      encodeHeadState(anyState(new SeededRandom(6))),
      encodeRow(row),
    ];
    for (const text of [body, state, value]) expect(text.startsWith('[1,')).toBe(true);
    expect(() => decodeBody(body.replace('[1,', '[9,'))).toThrow(/unknown format 9/);
    expect(() => decodeHeadState(state.replace('[1,', '[2,'))).toThrow(/unknown format 2/);
    expect(() => decodeRow('01', 'action', value.replace('[1,', '[9,'))).toThrow(/unknown format 9/);
  });

  test('is refused when it is damaged, whatever is missing or changed', () => {
    for (const text of [
      '',
      '{}',
      '[]',
      'null',
      '[1]',
      '[1,"saga","http",0,[],{},{},"",""]',
      '[1,"xa","http",0,[],{},{},"","",[]]',
    ]) {
      expect(() => decodeBody(text)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
      expect(() => decodeHeadState(text)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
      expect(() => decodeRow('01', 'action', text)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    }
    const list = JSON.parse(encodeBody(message(['http://a'], { options: { retry: { limit: 1 } } }))) as unknown[];
    list.forEach((_, at) => {
      const damaged = JSON.stringify(list.map((entry, other) => (other === at ? { not: 'it' } : entry)));
      if (at !== 5 && at !== 6)
        expect(() => decodeBody(damaged)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    });
  });
});

describe('text and bytes', () => {
  test('base64 reads back, and agrees with the standard', () => {
    const random = new SeededRandom(7);
    for (let round = 0; round < 2_000; round += 1) {
      const bytes = random.bytes(40);
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
    }
    const large = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);
    expect(encodeBase64(large)).toBe(Buffer.from(large).toString('base64'));
    for (const text of ['a', 'ab', 'abc', '=abc', 'a=bc', '!!!!', '====']) expect(decodeBase64(text)).toBeUndefined();
  });

  test('UTF-8 agrees with the standard, lone surrogates included', () => {
    const random = new SeededRandom(8);
    for (let round = 0; round < 2_000; round += 1) {
      const text = random.text(20) + (random.flag() ? '\u{1f600}' : '');
      expect(Buffer.from(encodeUtf8(text)).equals(Buffer.from(text))).toBe(true);
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
      expect(isLongerThan(text, 10)).toBe(Buffer.byteLength(text) > 10);
    }
  });
});

describe('a repeat is told from a conflict', () => {
  const definition = saga(['ac', 'a'], { isConcurrent: true, orders: { 1: [0] } });
  const withStep = (change: object): Definition => ({
    ...definition,
    steps: definition.steps.map((step, index) => (index === 1 ? { ...step, ...change } : step)),
  });

  test('by type, steps, payload bytes and orders', () => {
    expect(sameContent(definition, decodeBody(encodeBody(definition)), true)).toBe(true);
    expect(sameContent(definition, { ...definition, type: 'msg' }, true)).toBe(false);
    expect(sameContent(definition, withStep({ action: 'http://other' }), true)).toBe(false);
    expect(sameContent(definition, withStep({ payload: '{"step": 2}' }), true)).toBe(false);
    expect(sameContent(definition, { ...definition, steps: definition.steps.slice(1) }, true)).toBe(false);
    expect(sameContent(definition, { ...definition, orders: {} }, true)).toBe(false);
    expect(sameContent(definition, { ...definition, isConcurrent: false }, true)).toBe(false);
  });

  test('and bytes equal the text that they spell', () => {
    expect(sameContent(definition, withStep({ payload: encodeUtf8('{"step":2}') }), true)).toBe(true);
    expect(sameContent(definition, withStep({ payload: encodeUtf8('{"step":3}') }), true)).toBe(false);
  });

  test('but not by options, nor by what a submit after prepare leaves out', () => {
    const options = { ...definition.options, waitResult: true, requestTimeoutMs: 5 };
    expect(sameContent(definition, { ...definition, options }, true)).toBe(true);
    expect(sameContent(message(['http://a'], { isConcurrent: true }), message(['http://a']), true)).toBe(true);
    expect(sameContent(message(['http://a']), message([]), false)).toBe(true);
    expect(sameContent(definition, saga([]), false)).toBe(false);
  });
});
