import { fileURLToPath } from 'node:url';
import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import type { Members, Reply, Verb, Wire } from './wire.js';

const protoFile = fileURLToPath(new URL('../../proto/dtm.proto', import.meta.url));
const methods = loadSync(protoFile, { keepCase: true, longs: Number, defaults: true })['dtmgimp.Dtm'] as Record<
  string,
  MethodDefinition<object, object>
>;

const outcomes: Readonly<Record<number, Reply['outcome']>> = {
  [status.OK]: 'success',
  [status.ABORTED]: 'refused',
  [status.FAILED_PRECONDITION]: 'ongoing',
};
const verbs = {
  prepare: 'Prepare',
  submit: 'Submit',
  abort: 'Abort',
  registerBranch: 'RegisterBranch',
  prepareWorkflow: 'PrepareWorkflow',
} as const;
const callLimitMs = 20_000;

/** The gRPC service `dtmgimp.Dtm`. */
export class GrpcWire implements Wire {
  readonly name = 'grpc';
  readonly #client: Client;

  /** @param address host:port */
  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure());
  }

  newGid(): Promise<Reply> {
    return this.method('NewGid', {});
  }

  send(verb: Verb, members: Members): Promise<Reply> {
    return this.method(verbs[verb], verb === 'registerBranch' ? branchRequest(members) : request(members));
  }

  method(name: string, message: object): Promise<Reply> {
    const method = methods[name];
    if (method === undefined) throw new Error(`no method ${name}`);
    return this.#call(method.path, method.requestSerialize(message), method.responseDeserialize);
  }

  /** Bytes as they are, to any path: for what a client should never send. */
  raw(path: string, bytes: Buffer): Promise<Reply> {
    return this.#call(path, bytes, (answer) => answer);
  }

  /** What reflection (v1alpha, which every tool speaks) answers to "list services", as text. */
  listedServices(): Promise<string> {
    const path = '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo';
    const pass = (bytes: Buffer): Buffer => bytes;
    const deadline = { deadline: Date.now() + callLimitMs };
    return new Promise((resolve, reject) => {
      const stream = this.#client.makeBidiStreamRequest(path, pass, pass, new Metadata(), deadline);
      stream.on('data', (answer: Buffer) => resolve(answer.toString('latin1')));
      stream.on('error', reject);
      // Field 7 of the request, list_services, with any text.
      stream.end(Buffer.from([0x3a, 0x01, 0x2a]));
    });
  }

  close(): void {
    this.#client.close();
  }

  #call(path: string, bytes: Buffer, read: (answer: Buffer) => object): Promise<Reply> {
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, answer?: object): void => {
        const code = error?.code ?? status.OK;
        const outcome = outcomes[code] ?? 'error';
        resolve({ outcome, code: status[code], text: error?.details ?? '', body: answer });
      };
      const options = { deadline: Date.now() + callLimitMs };
      this.#client.makeUnaryRequest(path, (sent: Buffer) => sent, read, bytes, new Metadata(), options, done);
    });
  }
}

function request(members: Members): object {
  const {
    payloads,
    steps,
    req_extra: extra,
  } = members as {
    payloads?: readonly string[];
    steps?: unknown;
    req_extra?: unknown;
  };
  return {
    Gid: members['gid'],
    TransType: members['trans_type'],
    TransOptions: {
      WaitResult: members['wait_result'],
      TimeoutToFail: members['timeout_to_fail'],
      RetryInterval: members['retry_interval'],
      BranchHeaders: members['branch_headers'],
      RequestTimeout: members['request_timeout'],
      RetryLimit: members['retry_limit'],
    },
    CustomedData: members['custom_data'],
    BinPayloads: payloads?.map((payload) => Buffer.from(payload)),
    QueryPrepared: members['query_prepared'],
    Steps: steps === undefined ? '' : JSON.stringify(steps),
    ReqExtra: extra,
    RollbackReason: members['rollback_reason'],
  };
}

function branchRequest({ gid, trans_type: type, branch_id: branchId, data, ...rest }: Members): object {
  const payload = typeof data === 'string' ? Buffer.from(data) : undefined;
  return { Gid: gid, TransType: type, BranchID: branchId, Data: rest, BusiPayload: payload };
}
