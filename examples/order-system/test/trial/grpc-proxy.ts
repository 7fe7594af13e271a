import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type Metadata,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import type { Delivery } from './delivery.js';
import type { Proxy } from './http-proxy.js';

const answerLimitMs = 10_000;
const same = (bytes: Buffer): Buffer => bytes;

/** The reply, or the status that it was refused with. */
type Answer = Parameters<Parameters<handleUnaryCall<Buffer, Buffer>>[1]>;

/** Stands before the gRPC service at `port`, and looks into no message. An answer that does not come is UNAVAILABLE. */
export async function grpcProxy(port: number, service: ServiceDefinition, delivery: Delivery<Answer>): Promise<Proxy> {
  const target = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 500,
  });
  const server = new Server();
  const raw = Object.entries(service).map(([name, method]) => [name, asBytes(method)] as const);
  const handlers = Object.entries(service).map(([name, { path }]) => {
    const handle: handleUnaryCall<Buffer, Buffer> = ({ request, metadata }, callback) => {
      const send = (): Promise<Answer> => sendOn(target, path, request, metadata);
      delivery.deliver(callOf(metadata), send).then(
        (answer) =>
          answer === undefined ? callback({ code: status.UNAVAILABLE, details: 'lost' }) : callback(...answer),
        () => callback({ code: status.UNAVAILABLE, details: 'failed' }),
      );
    };
    return [name, handle] as const;
  });
  server.addService(Object.fromEntries(raw), Object.fromEntries(handlers));
  const ownPort = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port: ownPort,
    delivery,
    close: async () => {
      server.forceShutdown();
      target.close();
    },
  };
}

function asBytes(method: ServiceDefinition[string]): ServiceDefinition[string] {
  const codec = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  return { ...method, ...codec };
}

function sendOn(target: Client, path: string, request: Buffer, metadata: Metadata): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + answerLimitMs };
    target.makeUnaryRequest(path, same, same, request, metadata.clone(), options, (error, reply) =>
      resolve(error === null ? [null, reply] : [{ code: error.code, details: error.details }]),
    );
  });
}

function callOf(metadata: Metadata) {
  const of = (name: string): string => metadata.get(`dtm-${name}`)[0]?.toString() ?? '';
  return { gid: of('gid'), branch: of('branch_id'), op: of('op') };
}
