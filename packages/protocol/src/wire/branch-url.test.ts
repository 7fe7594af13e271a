import { describe, expect, test } from 'vitest';
import { checkBranchUrl, grpcSchemes, httpSchemes, withoutScheme } from './branch-url.js';
import { parseTransactionRequest } from './parse-request.js';

const everywhere = [...httpSchemes, ...grpcSchemes];
const overGrpc = [...everywhere, 'dns:///', withoutScheme];

function check(url: string, schemes: readonly string[]): () => void {
  return () => {
    checkBranchUrl(url, 'url', schemes);
  };
}

describe('a branch without a scheme', () => {
  test('is a gRPC method where that is asked for, and refused elsewhere', () => {
    expect(check('busi:8081/busi.Busi/TransIn', overGrpc)).not.toThrow();
    expect(check('busi:8081/busi.Busi/TransIn', everywhere)).toThrow(
      'url must start with http:// or https:// or grpc:// or grpcs://',
    );
  });

  test.each(['/busi.Busi/TransIn', 'busi:8081/a b', 'busi:8081/\n', 'etcd://busi/a/b'])('%j is refused', (url) => {
    expect(check(url, overGrpc)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_BRANCH_URL' }));
  });

  test('what else is understood is said', () => {
    expect(check('etcd://busi/a/b', overGrpc)).toThrow(
      'url must be host:port/package.Service/Method, or start with http:// or https:// or grpc:// or grpcs:// or dns:///',
    );
  });
});

test.each([
  'grpc://busi:8081/busi.Busi/TransIn',
  'GRPCS://busi/busi.Busi/TransIn',
  'dns:///busi:8081/busi.Busi/TransIn',
])('%s is taken', (url) => {
  expect(check(url, overGrpc)).not.toThrow();
});

test('payloads that are bytes stay bytes, and have the same limit', () => {
  const bytes = new Uint8Array([0, 255, 128]);
  const body = { gid: 'g', trans_type: 'saga', protocol: 'grpc', steps: [{ action: 'h:1/a/b' }] };
  const options = { schemes: overGrpc, protocols: ['grpc'] } as const;
  const { definition } = parseTransactionRequest({ ...body, payloads: [bytes] }, 'submit', options);
  expect(definition).toMatchObject({ protocol: 'grpc', steps: [{ action: 'h:1/a/b', payload: bytes }] });
  const large = { ...body, payloads: [new Uint8Array(4 * 1024 * 1024 + 1)] };
  expect(() => parseTransactionRequest(large, 'submit', options)).toThrow(
    expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
  );
});
