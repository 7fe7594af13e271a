import type { ClientDuplexStream, ClientReadableStream } from '@grpc/grpc-js';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { loadSync } from '@grpc/proto-loader';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GrpcClient } from './grpc-client.js';
import { TestServer } from './test-server.js';

type Reflection = ClientDuplexStream<object, Readonly<Record<string, unknown>>>;

let server: TestServer;
let client: GrpcClient;

beforeAll(async () => {
  server = await TestServer.start();
  client = new GrpcClient(server.grpcAddress);
});

afterAll(async () => {
  client.close();
  await server.close();
});

/** Asks as grpcurl does: one stream, one question, one answer. */
function reflect(version: string, question: object): Promise<Readonly<Record<string, unknown>>> {
  const service = client.client(`grpc.reflection.${version}.ServerReflection`);
  const open = (service as unknown as { ServerReflectionInfo(): Reflection }).ServerReflectionInfo.bind(service);
  const stream = open();
  return new Promise((resolve, reject) => {
    stream.on('data', (answer: Readonly<Record<string, unknown>>) => {
      resolve(answer);
      stream.end();
    });
    stream.on('error', reject);
    stream.write(question);
  });
}

interface Files {
  readonly file_descriptor_response: { readonly file_descriptor_proto: readonly Buffer[] };
}

describe.each(['v1', 'v1alpha'])('reflection %s', (version) => {
  test('lists what is served', async () => {
    const answer = await reflect(version, { list_services: '*' });
    const { service } = answer['list_services_response'] as { readonly service: readonly { readonly name: string }[] };
    expect(service.map(({ name }) => name).sort()).toEqual([
      'dtmgimp.Dtm',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'tandem.v1.Tandem',
    ]);
  });

  test.each(['dtmgimp.Dtm', 'dtmgimp.Dtm.Submit', 'dtmgimp.DtmRequest'])('tells the files of %s', async (symbol) => {
    const answer = (await reflect(version, { file_containing_symbol: symbol })) as unknown as Files;
    const files = answer.file_descriptor_response.file_descriptor_proto.map((bytes) =>
      fromBinary(FileDescriptorProtoSchema, bytes),
    );
    expect(files.map(({ name }) => name)).toEqual(['dtmgimp.proto', 'google/protobuf/empty.proto']);
  });

  test('tells a file by the name that others import it by', async () => {
    const answer = (await reflect(version, { file_by_filename: 'google/protobuf/empty.proto' })) as unknown as Files;
    expect(answer.file_descriptor_response.file_descriptor_proto).toHaveLength(1);
  });

  test.each([{ file_containing_symbol: 'no.Such' }, { file_by_filename: 'no.proto' }])(
    '%j is not found',
    async (asked) => {
      expect(await reflect(version, asked)).toMatchObject({ error_response: { error_code: 5 } });
    },
  );
});

test('what is generated is what the proto files say', async () => {
  const folder = fileURLToPath(new URL('../src/grpc/proto/', import.meta.url));
  const loaded = loadSync('dtmgimp.proto', { includeDirs: [folder] });
  const [bytes] = (loaded['dtmgimp.DtmRequest'] as unknown as { readonly fileDescriptorProtos: readonly Buffer[] })
    .fileDescriptorProtos;
  const answer = (await reflect('v1', { file_by_filename: 'dtmgimp.proto' })) as unknown as Files;
  const fieldsOf = (file: Uint8Array | undefined) =>
    fromBinary(FileDescriptorProtoSchema, file ?? new Uint8Array()).messageType.map(({ name, field }) => [
      name,
      field.map((one) => [one.name, one.number, one.type, one.label]),
    ]);
  expect(fieldsOf(answer.file_descriptor_response.file_descriptor_proto[0])).toEqual(fieldsOf(bytes));
});

describe('health', () => {
  const health = (service: string) => client.call('grpc.health.v1.Health', 'Check', { service });

  test.each(['', 'dtmgimp.Dtm', 'tandem.v1.Tandem'])('"%s" serves', async (service) => {
    expect((await health(service)).reply).toEqual({ status: 'SERVING' });
  });

  test('an unknown service is NOT_FOUND', async () => {
    expect(await health('no.Such')).toMatchObject({ code: 5 });
  });

  test('Watch tells the status, and the end when the server stops', async () => {
    const stopping = await TestServer.start();
    const watcher = new GrpcClient(stopping.grpcAddress);
    const service = watcher.client('grpc.health.v1.Health') as unknown as {
      Watch(request: object): ClientReadableStream<{ readonly status: string }>;
    };
    const stream = service.Watch({ service: '' });
    const told: string[] = [];
    const ended = new Promise<{ readonly code?: number }>((resolve) => stream.on('error', resolve));
    await new Promise<void>((resolve) => {
      stream.on('data', ({ status }: { readonly status: string }) => {
        told.push(status);
        resolve();
      });
    });
    await stopping.close();
    expect(await ended).toMatchObject({ code: 14 });
    expect(told).toEqual(['SERVING']);
    watcher.close();
  });
});
