import { describe, expect, test } from 'vitest';
import { fitsJsonRpc, jsonRpcMethodOf, jsonRpcParams } from './json-rpc-branch.js';

const names = { gid: 'g', trans_type: 'saga', branch_id: '01', op: 'action' };

describe('the method of a URL', () => {
  test.each([
    ['http://a/rpc?method=in', 'in'],
    ['http://a/rpc?shop=7&method=Bank.In&x=1', 'Bank.In'],
    ['http://a/rpc?method=in%20time+now#part', 'in time now'],
    ['http://a/rpc?method=%zz', '%zz'],
    ['http://a/rpc?method=', undefined],
    ['http://a/method', undefined],
    ['http://a/rpc?way=method', undefined],
    ['http://a/rpc?x=1#method=in', undefined],
    ['topic://orders?method=in', undefined],
    ['', undefined],
  ])('%j names %j', (url, method) => {
    expect(jsonRpcMethodOf('json-rpc', url)).toBe(method);
    expect(jsonRpcMethodOf('http', url)).toBeUndefined();
    expect(jsonRpcMethodOf('grpc', url)).toBeUndefined();
  });
});

describe('the params of a call', () => {
  test.each([
    ['', names],
    ['{}', names],
    [' { } ', names],
    ['{"a":1}', { a: 1, ...names }],
    ['{"gid":"mine","a":{"b":"}"}}\n', { a: { b: '}' }, ...names }],
  ])('of the payload %j', (payload, params) => {
    expect(JSON.parse(jsonRpcParams(payload, names) ?? '')).toEqual(params);
    expect(fitsJsonRpc('json-rpc', 'http://a/?method=m', payload)).toBe(true);
  });

  test('keep what no double holds', () => {
    expect(jsonRpcParams('{"n":12345678901234567890}', names)).toContain('"n":12345678901234567890,');
  });

  test.each(['[]', '1', 'null', '"{}"', '{', '{"a":1}}'])('there are none of the payload %j', (payload) => {
    expect(jsonRpcParams(payload, names)).toBeUndefined();
    expect(fitsJsonRpc('json-rpc', 'http://a/?method=m', payload)).toBe(false);
    expect(fitsJsonRpc('json-rpc', 'http://a/', payload)).toBe(true);
    expect(fitsJsonRpc('http', 'http://a/?method=m', payload)).toBe(true);
  });
});
