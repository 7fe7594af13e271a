import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  credentials,
  loadPackageDefinition,
  Metadata,
  type CallOptions,
  type ChannelCredentials,
  type Client,
  type GrpcObject,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const protoFolder = fileURLToPath(new URL('../src/grpc/proto/', import.meta.url));

const loaded = loadPackageDefinition(
  loadSync(
    [
      'dtmgimp.proto',
      'tandem/v1/tandem.proto',
      'grpc/health/v1/health.proto',
      'grpc/reflection/v1/reflection.proto',
      'grpc/reflection/v1alpha/reflection.proto',
    ],
    { includeDirs: [protoFolder], keepCase: true, longs: Number, enums: String, defaults: true },
  ),
);

/** The generated client of a service, by its full name. */
export function serviceClient(name: string): ServiceClientConstructor {
  const found = name.split('.').reduce<unknown>((inside, part) => (inside as GrpcObject)[part], loaded);
  return found as ServiceClientConstructor;
}

/** A certificate or key of test/certificates. */
export function pem(name: string): Buffer {
  return readFileSync(new URL(`certificates/${name}`, import.meta.url));
}

/** How a call ended. */
export interface GrpcAnswer {
  readonly code: number;
  readonly message: string;
  readonly reply: Readonly<Record<string, unknown>>;
  readonly trailers: Metadata;
}

type Unary = (
  request: object,
  metadata: Metadata,
  options: CallOptions,
  done: (error: ServiceError | null, reply: Readonly<Record<string, unknown>>) => void,
) => unknown;

/** Calls a server by an implementation of gRPC that is not ours. */
export class GrpcClient {
  readonly #address: string;
  readonly #credentials: ChannelCredentials;
  readonly #clients = new Map<string, Client>();

  constructor(address: string, secured: ChannelCredentials = credentials.createInsecure()) {
    this.#address = address;
    this.#credentials = secured;
  }

  dtm(method: string, request: object = {}, more: CallMore = {}): Promise<GrpcAnswer> {
    return this.call('dtmgimp.Dtm', method, request, more);
  }

  call(service: string, method: string, request: object, more: CallMore = {}): Promise<GrpcAnswer> {
    const client = this.client(service);
    const call = (client as unknown as Readonly<Record<string, Unary>>)[method];
    if (call === undefined) throw new Error(`${service} has no ${method}`);
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(more.metadata ?? {})) metadata.set(name, value);
    const options: CallOptions = { deadline: Date.now() + (more.timeoutMs ?? 15_000) };
    return new Promise((resolve) => {
      call.call(client, request, metadata, options, (error, reply) => {
        if (error === null) resolve({ code: 0, message: '', reply, trailers: new Metadata() });
        else resolve({ code: error.code, message: error.details, reply: {}, trailers: error.metadata });
      });
    });
  }

  client(service: string): Client {
    const known = this.#clients.get(service);
    if (known !== undefined) return known;
    const Constructor = serviceClient(service);
    const client = new Constructor(this.#address, this.#credentials);
    this.#clients.set(service, client);
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}

export interface CallMore {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** A saga as DTM's SDKs ask for it by gRPC. */
export function grpcSaga(gid: string, steps: readonly { readonly action: string; readonly compensate?: string }[]) {
  return {
    Gid: gid,
    TransType: 'saga',
    TransOptions: { WaitResult: true },
    Steps: JSON.stringify(steps.map(({ action, compensate = '' }) => ({ action, compensate }))),
    BinPayloads: steps.map((_, index) => Buffer.from([index, 0, 255])),
  };
}
