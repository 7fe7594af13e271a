import { describe, expect, test } from 'vitest';
import { limits, parseRegistration } from '../index.js';

const tcc = { gid: 'g', trans_type: 'tcc', branch_id: '01', confirm: 'http://a/ok', cancel: 'http://a/no' };
const xa = { gid: 'g', trans_type: 'xa', branch_id: '01', url: 'http://a' };
const step = { gid: 'g', trans_type: 'workflow', branch_id: '01', op: 'action', status: 'succeed', data: 'done' };

function refused(body: unknown): unknown {
  try {
    parseRegistration(body);
    return 'taken';
  } catch (error) {
    return { code: (error as { code?: string }).code, message: (error as Error).message };
  }
}

describe('a registration', () => {
  test('of a TCC branch has its URLs and its payload', () => {
    expect(parseRegistration({ ...tcc, data: '{"n":1}' })).toEqual({
      gid: 'g',
      registration: {
        type: 'tcc',
        branchId: '01',
        op: 'try',
        status: 'prepared',
        urls: { confirm: 'http://a/ok', cancel: 'http://a/no' },
        payload: '{"n":1}',
      },
    });
  });

  test('of an XA branch has one URL for both phases', () => {
    expect(parseRegistration(xa).registration).toEqual({
      type: 'xa',
      branchId: '01',
      op: 'action',
      status: 'prepared',
      urls: { commit: 'http://a', rollback: 'http://a' },
      payload: '',
    });
  });

  test.each(['action', 'compensate', 'commit', 'rollback', 'business', 'try', 'confirm', 'cancel'])(
    'of a workflow step is how its %s ended, and what it answered',
    (op) => {
      expect(parseRegistration({ ...step, op, status: 'failed' }).registration).toEqual({
        type: 'workflow',
        branchId: '01',
        op,
        status: 'failed',
        urls: {},
        payload: 'done',
      });
    },
  );

  // Go sends nothing but texts; C# and Python null for what they do not have; Java and Node what nobody reads.
  test.each([
    ['nulls for what is left out', { ...tcc, data: null, method: null, branch_headers: null }],
    ['a status that says nothing', { ...tcc, status: 'prepared' }],
    ['members of one SDK', { ...tcc, try: 'http://a/try', subType: 'tcc' }],
    ['a branch inside another', { ...tcc, branch_id: '0101' }],
    ['no URL to cancel', { ...tcc, cancel: null }],
    ['no URLs at all', { gid: 'g', trans_type: 'tcc', branch_id: '01' }],
    ['a step that answers nothing', { ...step, data: null }],
  ])('may have %s', (_, body) => {
    expect(refused(body)).toBe('taken');
  });

  test('may leave its type to an older endpoint, which never changes one that is there', () => {
    const untyped = { ...tcc, trans_type: undefined };
    expect(parseRegistration(untyped, { absentType: 'tcc' }).registration.type).toBe('tcc');
    expect(parseRegistration(xa, { absentType: 'tcc' }).registration.type).toBe('xa');
    expect(refused(untyped)).toMatchObject({ code: 'UNKNOWN_TRANSACTION_TYPE' });
  });

  test('has the payload that comes beside it, where one does', () => {
    const payload = Uint8Array.of(1, 2);
    expect(parseRegistration({ ...tcc, data: 'text' }, { payload }).registration.payload).toBe(payload);
  });

  test('may ask for a method and headers of its own', () => {
    const body = { ...tcc, method: 'put', branch_headers: { 'x-a': '1', host: 'no' } };
    expect(parseRegistration(body).registration.request).toEqual({ method: 'PUT', headers: { 'x-a': '1' } });
  });

  test.each([
    ['the body', 'text', 'INVALID_REQUEST'],
    ['the body', [], 'INVALID_REQUEST'],
    ['gid', { ...tcc, gid: '' }, 'INVALID_GID'],
    ['trans_type', { ...tcc, trans_type: 'saga2' }, 'UNKNOWN_TRANSACTION_TYPE'],
    ['branches from the start', { ...tcc, trans_type: 'saga' }, 'INVALID_REQUEST'],
    ['branches from the start', { ...tcc, trans_type: 'msg' }, 'INVALID_REQUEST'],
    ['branch_id', { ...tcc, branch_id: '' }, 'INVALID_REQUEST'],
    ['branch_id', { ...tcc, branch_id: 1 }, 'INVALID_REQUEST'],
    ['branch_id', { ...tcc, branch_id: '0 1' }, 'INVALID_REQUEST'],
    ['branch_id', { ...tcc, branch_id: 'ä' }, 'INVALID_REQUEST'],
    ['branch_id', { ...tcc, branch_id: 'x'.repeat(129) }, 'INVALID_REQUEST'],
    ['00', { ...step, branch_id: '00' }, 'INVALID_REQUEST'],
    ['confirm', { ...tcc, confirm: 'ftp://a' }, 'UNSUPPORTED_BRANCH_URL'],
    ['cancel', { ...tcc, cancel: 'http://' }, 'UNSUPPORTED_BRANCH_URL'],
    ['cancel', { ...tcc, cancel: 7 }, 'INVALID_REQUEST'],
    ['url', { ...xa, url: '' }, 'INVALID_REQUEST'],
    ['url', { ...xa, url: `http://${'x'.repeat(limits.urlCharactersMax)}` }, 'LIMIT_EXCEEDED'],
    ['method', { ...tcc, method: 'TRACE' }, 'INVALID_REQUEST'],
    ['branch_headers', { ...tcc, branch_headers: { 'x a': '1' } }, 'INVALID_REQUEST'],
    ['op', { ...step, op: 'msg' }, 'INVALID_REQUEST'],
    ['op', { ...step, op: 'resume' }, 'INVALID_REQUEST'],
    ['op', { ...step, op: null }, 'INVALID_REQUEST'],
    ['status', { ...step, status: 'prepared' }, 'INVALID_REQUEST'],
    ['status', { ...step, status: null }, 'INVALID_REQUEST'],
    ['data', { ...tcc, data: { n: 1 } }, 'INVALID_REQUEST'],
    ['data', { ...tcc, data: 'x'.repeat(limits.payloadBytesMax + 1) }, 'LIMIT_EXCEEDED'],
  ])('is refused by the name of what is wrong: %s', (name, body, code) => {
    expect(refused(body)).toMatchObject({ code, message: expect.stringContaining(name) as string });
  });

  test('has a payload of at most as many bytes, however they come', () => {
    const largest = new Uint8Array(limits.payloadBytesMax);
    expect(parseRegistration(tcc, { payload: largest }).registration.payload).toBe(largest);
    expect(() => parseRegistration(tcc, { payload: new Uint8Array(limits.payloadBytesMax + 1) })).toThrow(
      'larger than',
    );
    expect(refused({ ...tcc, data: 'ä'.repeat(limits.payloadBytesMax / 2 + 1) })).toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });
});
