import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, status, type ChannelCredentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import type { Config } from '@tandem/server';
import { GrpcClient, pem } from './grpc-client.js';
import { TestServer } from './test-server.js';

const folder = fileURLToPath(new URL('certificates/', import.meta.url));
const file = (name: string): string => join(folder, name);
const served = { grpcTlsCertificate: file('server.pem'), grpcTlsKey: file('server.key') };
const mutual = { ...served, grpcTlsClientAuthority: file('authority.pem') };
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** How a call ends that a client with these credentials makes. */
async function codeOf(config: Partial<Config>, secured: ChannelCredentials): Promise<number> {
  const server = await TestServer.start(config);
  const client = new GrpcClient(server.grpcAddress, secured);
  closers.push(
    () => server.close(),
    () => {
      client.close();
    },
  );
  return (await client.dtm('NewGid', {}, { timeoutMs: 5_000 })).code;
}

describe('the gRPC API by TLS', () => {
  test('a client that believes the authority is served', async () => {
    expect(await codeOf(served, credentials.createSsl(pem('authority.pem')))).toBe(status.OK);
  });

  test.each([
    ['without TLS', credentials.createInsecure()],
    ['that believes another authority', credentials.createSsl(pem('stranger.pem'))],
  ])('a client %s is not', async (_who, secured) => {
    expect(await codeOf(served, secured)).toBe(status.UNAVAILABLE);
  });

  test('where certificates are wanted, one of the authority is served', async () => {
    const secured = credentials.createSsl(pem('authority.pem'), pem('client.key'), pem('client.pem'));
    expect(await codeOf(mutual, secured)).toBe(status.OK);
  });

  test.each([
    ['without one', credentials.createSsl(pem('authority.pem'))],
    ['with one of a stranger', credentials.createSsl(pem('authority.pem'), pem('intruder.key'), pem('intruder.pem'))],
  ])('and a client %s is not', async (_who, secured) => {
    expect(await codeOf(mutual, secured)).toBe(status.UNAVAILABLE);
  });

  test.each([
    [{ ...served, grpcTlsKey: file('client.key') }, /^the certificates for the gRPC API cannot be used: /],
    [{ ...served, grpcTlsCertificate: file('no-such.pem') }, /gRPC API cannot be used: ENOENT/],
    [{ ...served, grpcTlsClientAuthority: file('server.key') }, /gRPC API cannot be used: there is no certificate in /],
    [{ grpcBranchAuthority: file('no-such.pem') }, /calls of gRPC branches cannot be used: ENOENT/],
    [{ grpcBranchAuthority: file('server.key') }, /gRPC branches cannot be used: there is no certificate in /],
    [
      { grpcBranchCertificate: file('client.pem'), grpcBranchKey: file('server.key') },
      /calls of gRPC branches cannot be used: .*mismatch/,
    ],
  ])('certificates that are none stop the start: %j', async (config, message) => {
    await expect(TestServer.start(config)).rejects.toThrow(message);
  });
});
