import { fileURLToPath } from 'node:url';
import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import { sendTimeoutMs, type CoordinatorWire, type Members, type Reply, type Verb } from './coordinator-wire.js';

// What the server offers to everybody who wants to call it.
const protoPath = fileURLToPath(new URL('../../../packages/server/src/grpc/proto/dtmgimp.proto', import.meta.url));
const methods = loadSync(protoPath, { keepCase: true, longs: Number, defaults: true })['dtmgimp.Dtm'] as Readonly<
  Record<string, MethodDefinition<object, object>>
>;
const methodOf = {
  prepare: 'Prepare',
  submit: 'Submit',
  abort: 'Abort',
  registerBranch: 'RegisterBranch',
  prepareWorkflow: 'PrepareWorkflow',
} as const satisfies Record<Verb, string>;

const kinds: Readonly<Record<number, Reply['kind']>> = {
  [status.ABORTED]: 'refused',
  [status.FAILED_PRECONDITION]: 'ongoing',
  [status.INVALID_ARGUMENT]: 'refused',
  [status.NOT_FOUND]: 'refused',
  [status.ALREADY_EXISTS]: 'refused',
  [status.UNIMPLEMENTED]: 'refused',
};

/** The service `dtmgimp.Dtm`, called by an implementation of gRPC that is not the coordinator's. */
export class GrpcWire implements CoordinatorWire {
  readonly name = 'grpc';
  readonly #client: Client;

  /** @param address host:port */
  constructor(address: string) {
    // A coordinator that was killed is back within a second.
    const options = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 };
    this.#client = new Client(address, credentials.createInsecure(), options);
  }

  send(verb: Verb, members: Members): Promise<Reply> {
    const method = methods[methodOf[verb]];
    if (method === undefined) throw new Error(`the proto file has no ${methodOf[verb]}`);
    const message = verb === 'registerBranch' ? branchMessage(members) : requestMessage(members);
    return new Promise((resolve) => {
      const done = (error: ServiceError | null, body?: object): void => {
        resolve(error === null ? { kind: 'done', code: '', why: '', body: bodyOf(body) } : replyOf(error));
      };
      const deadline = { deadline: Date.now() + sendTimeoutMs };
      const { path, requestSerialize, responseDeserialize } = method;
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        new Metadata(),
        deadline,
        done,
      );
    });
  }
}

function replyOf({ code, details, metadata }: ServiceError): Reply {
  const [said = ''] = metadata.get('tandem-code');
  return { kind: kinds[code] ?? 'unclear', code: String(said), why: details, body: undefined };
}

function requestMessage(members: Members): object {
  const { steps, payloads } = members as { readonly steps?: unknown; readonly payloads?: readonly string[] };
  return {
    Gid: members['gid'],
    TransType: members['trans_type'],
    TransOptions: { WaitResult: members['wait_result'], TimeoutToFail: members['timeout_to_fail'] },
    CustomedData: members['custom_data'],
    QueryPrepared: members['query_prepared'],
    RollbackReason: members['rollback_reason'],
    ReqExtra: members['req_extra'],
    Steps: steps === undefined ? '' : JSON.stringify(steps),
    BinPayloads: payloads?.map((payload) => Buffer.from(payload)) ?? [],
  };
}

function branchMessage({ gid, trans_type: type, branch_id: branchId, op, data, ...rest }: Members): object {
  const payload = typeof data === 'string' ? Buffer.from(data) : undefined;
  return { Gid: gid, TransType: type, BranchID: branchId, Op: op, Data: rest, BusiPayload: payload };
}

interface Progresses {
  readonly Transaction: Readonly<Record<'Status' | 'RollbackReason' | 'Result', string>>;
  readonly Progresses: readonly {
    readonly BranchID: string;
    readonly Op: string;
    readonly Status: string;
    readonly BinData: Buffer;
  }[];
}

/** By the names of HTTP's body. */
function bodyOf(reply: object | undefined): unknown {
  if (reply === undefined || !('Progresses' in reply)) return undefined;
  const { Transaction: transaction, Progresses: progresses } = reply as Progresses;
  return {
    transaction: {
      status: transaction.Status,
      rollback_reason: transaction.RollbackReason,
      result: transaction.Result,
    },
    progresses: progresses.map(({ BranchID, Op, Status, BinData }) => ({
      branch_id: BranchID,
      op: Op,
      status: Status,
      bin_data: BinData.toString('base64'),
    })),
  };
}
