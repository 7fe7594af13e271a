import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type sendUnaryData,
  type ServerUnaryCall,
  type StatusObject,
} from '@grpc/grpc-js';
import type { Answer, Answerer, Call } from './call.js';

type Unary = ServerUnaryCall<Buffer, Buffer>;
type Words = Extract<Answer, string>;
const answers: Readonly<Record<Exclude<Words, 'success'>, { code: status; details: string }>> = {
  failure: { code: status.ABORTED, details: 'no balance' },
  ongoing: { code: status.FAILED_PRECONDITION, details: 'not yet' },
  unknown: { code: status.INTERNAL, details: 'out of order' },
};

/** Every participant that is called over gRPC, on one port; each answers messages of any kind with an empty one. */
export class GrpcParticipants {
  readonly #server = new Server();
  readonly #registered = new Set<string>();
  #port = 0;

  private constructor(private readonly answererOf: (scene: string) => Answerer | undefined) {}

  static async open(answererOf: (scene: string) => Answerer | undefined): Promise<GrpcParticipants> {
    const participants = new GrpcParticipants(answererOf);
    participants.#port = await new Promise<number>((resolve, reject) => {
      participants.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
    return participants;
  }

  /** The address of a method that exists from now on. */
  url(scene: string, name: string): string {
    const path = `/conformance.${scene}/${name}`;
    if (!this.#registered.has(path)) {
      this.#registered.add(path);
      const pass = (bytes: Buffer): Buffer => bytes;
      const handle: handleUnaryCall<Buffer, Buffer> = (call, respond) => {
        const answerer = this.answererOf(scene);
        if (answerer === undefined) respond({ code: status.UNAVAILABLE });
        else write(respond, answerer(read(call, name)));
      };
      this.#server.register(path, handle, pass, pass, 'unary');
    }
    return `127.0.0.1:${this.#port}${path}`;
  }

  close(): void {
    this.#server.forceShutdown();
  }
}

function read({ metadata, request }: Unary, name: string): Call {
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata.getMap())) headers[key] = String(value);
  return {
    via: 'grpc',
    name,
    gid: headers['dtm-gid'] ?? '',
    type: headers['dtm-trans_type'] ?? '',
    branchId: headers['dtm-branch_id'] ?? '',
    op: headers['dtm-op'] ?? '',
    method: 'POST',
    query: {},
    headers,
    body: request,
    atMs: performance.now(),
  };
}

function write(respond: sendUnaryData<Buffer>, answer: Answer): void {
  if (answer === 'success') respond(null, Buffer.alloc(0));
  else if (typeof answer === 'string') respond(error(answers[answer].code, answers[answer].details));
  else if ('afterMs' in answer) setTimeout(() => write(respond, answer.then), answer.afterMs);
  else if ('grpcCode' in answer) respond(error(answer.grpcCode, answer.message));
  else throw new Error('an HTTP answer for a gRPC branch');
}

function error(code: status, details: string): StatusObject {
  return { code, details, metadata: new Metadata() };
}
