import { TandemError } from '@tandem/protocol';
import { expect, test } from 'vitest';
import { parseGrpcAddress } from './grpc-address.js';

test.each([
  ['busi:8081/busi.Busi/TransIn', 'grpc://busi:8081'],
  ['grpc://busi:8081/busi.Busi/TransIn', 'grpc://busi:8081'],
  ['GRPCS://Busi/busi.Busi/TransIn', 'grpcs://busi:443'],
  ['busi/busi.Busi/TransIn', 'grpc://busi:80'],
  ['dns:///busi:8081/busi.Busi/TransIn', 'grpc://busi:8081'],
  ['passthrough:///127.0.0.1:1/busi.Busi/TransIn', 'grpc://127.0.0.1:1'],
  ['direct:///10.0.0.1:1,10.0.0.2:2/busi.Busi/TransIn', 'grpc://10.0.0.1:1,10.0.0.2:2'],
  ['[::1]:8081/busi.Busi/TransIn', 'grpc://[::1]:8081'],
])('%s is called at %s', (url, target) => {
  expect(parseGrpcAddress(url, false)).toMatchObject({ target, path: '/busi.Busi/TransIn' });
});

test('where the scheme says nothing, the setting decides about TLS', () => {
  expect(parseGrpcAddress('busi:1/a.B/C', true)).toMatchObject({ isSecure: true, target: 'grpcs://busi:1' });
  expect(parseGrpcAddress('grpc://busi:1/a.B/C', true)).toMatchObject({ isSecure: false, target: 'grpc://busi:1' });
});

test.each([
  'busi:8081',
  'busi:8081/',
  'busi:8081/TransIn',
  'busi:8081/busi.Busi/TransIn/more',
  'busi:8081/busi.Busi/TransIn?x=1',
  'busi:0/a.B/C',
  'busi:65536/a.B/C',
  'bu si:1/a.B/C',
  'user@busi:1/a.B/C',
  '[nonsense]:1/a.B/C',
  'a:1,,b:2/a.B/C',
  'etcd:///busi/a.B/C',
  '/a.B/C',
  '',
  `${'a:1,'.repeat(40)}a:1/a.B/C`,
])('%s is refused', (url) => {
  expect(() => parseGrpcAddress(url, false)).toThrow(TandemError);
});
