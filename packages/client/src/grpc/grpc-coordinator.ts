/**
 * Sends the verbs of the coordinator's gRPC API (docs/grpc-api.md), and repeats what is safe to repeat. A branch is called by
 * the wire that its URL says: `host:port/package.Service/Method` by gRPC, `http://` by HTTP.
 */
import { Client, credentials, Metadata, status, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import type {
  CallOptions,
  CoordinatorAnswer,
  CoordinatorPort,
  CoordinatorVerb,
} from '../coordinator/coordinator-port.js';
import { NodeChoice, placesOf, type Places } from '../coordinator/node-choice.js';
import { repeated } from '../coordinator/repeated.js';
import { durationMs, type Duration } from '../duration.js';
import { CoordinatorUnreachable, InvalidUse, isTimeout } from '../errors.js';
import { branchMessage, progressBody, queryBody, queryMessage, requestMessage } from './dtm-messages.js';
import { answerOf } from './grpc-answer.js';
import { channelOptions } from './channel-options.js';
import { participantCalls } from './participant-calls.js';

/** Where the coordinator is, and how it is spoken to. */
export interface GrpcCoordinatorOptions {
  /**
   * Where the coordinator's gRPC is: `host:port`, such as `127.0.0.1:36790`. Several: nodes on one store without a balancer before
   * them; where one is gone or says nothing, the next one is asked, as by HTTP.
   */
  readonly address: Places;
  /** Default: without TLS. */
  readonly credentials?: ChannelCredentials;
  /** For participants at `grpcs://` that are called from here. Default: TLS with the authorities that Node knows. */
  readonly participantCredentials?: () => ChannelCredentials;
  /** Sent with every request: an access token, for one. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How long one verb may take in all, repeats included. Default 10 s. */
  readonly timeout?: Duration;
  /** How often a request is repeated whose connection was lost, or that the coordinator was too busy for. Default 3. */
  readonly repeats?: number;
}

/** A coordinator by gRPC, and the connection to it. */
export interface GrpcCoordinator extends CoordinatorPort {
  /** Ends the connections, to participants too. A process that is to end by itself needs it. */
  close(): void;
}

interface Method {
  readonly path: string;
  readonly message: (body: Readonly<Record<string, unknown>>) => Buffer;
  readonly answer?: (message: Uint8Array) => Readonly<Record<string, unknown>>;
}

const methods: Readonly<Record<CoordinatorVerb, Method>> = {
  submit: { path: '/dtmgimp.Dtm/Submit', message: requestMessage },
  prepare: { path: '/dtmgimp.Dtm/Prepare', message: requestMessage },
  abort: { path: '/dtmgimp.Dtm/Abort', message: requestMessage },
  registerBranch: { path: '/dtmgimp.Dtm/RegisterBranch', message: branchMessage },
  prepareWorkflow: { path: '/dtmgimp.Dtm/PrepareWorkflow', message: requestMessage, answer: progressBody },
};

const queryPath = '/tandem.v1.Tandem/Query';

/** For `createClient({ coordinator: grpcCoordinator({ address }) })`. Throws `INVALID_OPTION`; makes no call. */
export function grpcCoordinator(options: GrpcCoordinatorOptions): GrpcCoordinator {
  const { repeats = 3 } = options;
  const addresses = placesOf('address', options.address);
  for (const address of addresses) {
    if (/^[^/\s]+:\d+$/.test(address)) continue;
    throw new InvalidUse('INVALID_OPTION', `address must be host:port, such as 127.0.0.1:36790, not "${address}"`);
  }
  const timeoutMs = durationMs('timeout', options.timeout ?? '10s');
  const clientAt = (address: string): Client =>
    new Client(address, options.credentials ?? credentials.createInsecure(), channelOptions);
  const clients = addresses.map(clientAt);
  const nodes = new NodeChoice(clients);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);

  const once = (client: Client, path: string, message: Buffer, until: AbortSignal, deadline: number): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const same = (bytes: Buffer): Buffer => bytes;
      const call = client.makeUnaryRequest(path, same, same, message, metadata, { deadline }, (error, answer) => {
        until.removeEventListener('abort', cancel);
        if (error === null && answer !== undefined) resolve(answer);
        else reject(until.aborted ? (until.reason as Error) : (error ?? new Error('there is no answer')));
      });
      const cancel = (): void => call.cancel();
      until.addEventListener('abort', cancel);
      if (until.aborted) cancel();
    });

  const call = (
    { path, answer }: Omit<Method, 'message'>,
    message: Buffer,
    { gid, signal, isWaiting }: CallOptions & { readonly isWaiting?: boolean },
  ): Promise<CoordinatorAnswer> => {
    const deadline = Date.now() + timeoutMs;
    const unreachable = (error: unknown): CoordinatorUnreachable => {
      const said = isLate(error) ? `no answer within ${timeoutMs} ms` : describe(error);
      const hint =
        'does it run, is this the port of its gRPC and not of its HTTP, and has it TLS as `credentials` say?';
      const place = addresses.join(' or ');
      return new CoordinatorUnreachable(`no coordinator by gRPC at ${place} (${said}): ${hint}`, gid, error);
    };
    const asking =
      (of: string, request: Buffer, read: Method['answer']) => async (client: Client, until: AbortSignal) => {
        try {
          const reply = await once(client, of, request, until, deadline);
          return { status: 200, body: read?.(reply) ?? { dtm_result: 'SUCCESS' } };
        } catch (error) {
          const told = isServiceError(error) ? answerOf(error) : undefined;
          if (told !== undefined) return told;
          throw error;
        }
      };
    const isAlive =
      isWaiting === true && gid !== undefined ? asking(queryPath, queryMessage(gid), queryBody) : undefined;
    return repeated({ nodes, gid, repeats, timeoutMs, signal, isAlive, unreachable }, asking(path, message, answer));
  };

  const participants = participantCalls(options.participantCredentials);
  return {
    apiUrl: '',
    grpc: participants,
    post: async (verb, body, options) =>
      call(methods[verb], methods[verb].message(body), { ...options, isWaiting: 'wait_result' in body }),
    query: async (gid, options) => {
      const found = await call({ path: queryPath, answer: queryBody }, queryMessage(gid), options);
      return found.body?.['code'] === 'NOT_FOUND' ? { status: 200, body: { transaction: null } } : found;
    },
    close: () => {
      for (const client of clients) client.close();
      participants.close();
    },
  };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error && 'details' in error;
}

function isLate(error: unknown): boolean {
  if (isServiceError(error)) return error.code === status.DEADLINE_EXCEEDED;
  return isTimeout(error);
}

function describe(error: unknown): string {
  if (isServiceError(error)) return error.details;
  return error instanceof Error ? error.message : String(error);
}
