import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { GrpcBranchService } from './grpc-branch-service.js';
import { GrpcClient, grpcSaga } from './grpc-client.js';
import { TestServer } from './test-server.js';

test('a stop lets calls that run end, and clients go elsewhere', async () => {
  const busi = await GrpcBranchService.open();
  const server = await TestServer.start({ shutdownGraceMs: 30_000 });
  const client = new GrpcClient(server.grpcAddress);
  let finish: (code: status) => void = () => undefined;
  busi.on('Slow', (_call, done) => {
    finish = done;
  });
  const running = client.dtm('Submit', grpcSaga('s1', [{ action: busi.url('Slow') }]));
  await busi.until(() => busi.calls.length === 1);
  const stopped = server.stop();
  await expect.poll(async () => (await client.dtm('NewGid', {}, { timeoutMs: 2_000 })).code).toBe(status.UNAVAILABLE);
  finish(status.OK);
  expect(await running).toMatchObject({ code: status.OK });
  await stopped;
  client.close();
  busi.close();
  await server.close();
});

test('a saga that a stop left running goes on after the next start, with its bytes', async () => {
  const busi = await GrpcBranchService.open();
  busi.on('Slow', () => undefined);
  const server = await TestServer.start({ shutdownGraceMs: 100 });
  const client = new GrpcClient(server.grpcAddress);
  const request = { ...grpcSaga('s2', [{ action: busi.url('Slow') }]), TransOptions: {} };
  expect(await client.dtm('Submit', request)).toMatchObject({ code: status.OK });
  await busi.until(() => busi.calls.length === 1);
  client.close();
  await server.stop();
  busi.answer('Slow', status.OK);
  await server.open();
  await busi.until(() => busi.calls.length === 2);
  expect(busi.calls[1]?.payload).toEqual(busi.calls[0]?.payload);
  await expect
    .poll(async () => (await server.get('query?gid=s2')).json['transaction'])
    .toMatchObject({ status: 'succeed' });
  await server.close();
  busi.close();
});

test('a port that is taken stops the start, and says so', async () => {
  const first = await TestServer.start();
  const second = TestServer.start({ grpcPort: Number(first.grpcAddress.split(':')[1]) });
  await expect(second).rejects.toThrow('name another port with --grpc-port');
  await first.close();
});

test('the gRPC API can be turned off', async () => {
  const server = await TestServer.start({ grpc: false });
  expect(() => server.grpcAddress).toThrow();
  expect((await server.get('newGid')).status).toBe(200);
  await server.close();
});
