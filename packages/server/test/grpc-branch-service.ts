import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type sendUnaryData,
  type ServerOptions,
  type ServerUnaryCall,
} from '@grpc/grpc-js';

/** One call as a participant saw it. */
export interface SeenGrpcCall {
  readonly method: string;
  readonly metadata: Metadata;
  readonly payload: Buffer;
  readonly deadline: Date | number;
  readonly peer: string;
}

type Handler = handleUnaryCall<Buffer, Buffer>;
type Done = (code: status, message?: string, reply?: Buffer) => void;
export type GrpcBehaviour = (call: SeenGrpcCall, done: Done) => void;

const methods = ['In', 'InUndo', 'Out', 'OutUndo', 'Check', 'Slow'];
const asIs = (bytes: Buffer): Buffer => bytes;

/** A participant by gRPC, of an implementation that is not ours: `busi.Busi`, whose messages are any bytes. */
export class GrpcBranchService {
  readonly calls: SeenGrpcCall[] = [];
  readonly cancelled: string[] = [];
  address = '';
  readonly #server: Server;
  readonly #behaviours = new Map<string, GrpcBehaviour>();
  readonly #watchers = new Set<() => void>();

  private constructor(options: ServerOptions) {
    this.#server = new Server(options);
    const definition = Object.fromEntries(
      methods.map((name) => [
        name,
        {
          path: `/busi.Busi/${name}`,
          requestStream: false,
          responseStream: false,
          requestSerialize: asIs,
          requestDeserialize: asIs,
          responseSerialize: asIs,
          responseDeserialize: asIs,
        },
      ]),
    );
    const served = methods.map((name): [string, Handler] => [
      name,
      (call, callback) => {
        this.#serve(name, call, callback);
      },
    ]);
    this.#server.addService(definition, Object.fromEntries<Handler>(served));
  }

  static async open(more: BranchServiceOptions = {}): Promise<GrpcBranchService> {
    const service = new GrpcBranchService(more.options ?? {});
    const port = await new Promise<number>((resolve, reject) => {
      const secured = more.credentials ?? ServerCredentials.createInsecure();
      service.#server.bindAsync(`${more.host ?? '127.0.0.1'}:${String(more.port ?? 0)}`, secured, (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    service.address = `${more.host ?? '127.0.0.1'}:${String(port)}`;
    return service;
  }

  url(method: string): string {
    return `${this.address}/busi.Busi/${method}`;
  }

  on(method: string, behaviour: GrpcBehaviour): this {
    this.#behaviours.set(method, behaviour);
    return this;
  }

  /** Answers a method with a status. */
  answer(method: string, code: status, message = ''): this {
    return this.on(method, (_call, done) => {
      done(code, message);
    });
  }

  callsOf(method: string): readonly SeenGrpcCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Resolves when the condition holds; it is looked at after each call and each cancellation. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.add(resolve));
  }

  /** Says GOAWAY, lets calls end, and stops. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.tryShutdown(() => {
        resolve();
      });
    });
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #serve(name: string, call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void {
    const seen: SeenGrpcCall = {
      method: name,
      metadata: call.metadata,
      payload: call.request,
      deadline: call.getDeadline(),
      peer: call.getPeer(),
    };
    this.calls.push(seen);
    call.on('cancelled', () => {
      this.cancelled.push(name);
      this.#tell();
    });
    const done: Done = (code: status, message = '', reply = Buffer.alloc(0)) => {
      if (code === status.OK) callback(null, reply);
      else callback({ code, details: message, metadata: new Metadata() });
    };
    const behaviour = this.#behaviours.get(name);
    if (behaviour === undefined) done(status.OK);
    else behaviour(seen, done);
    this.#tell();
  }

  #tell(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const resolve of watchers) resolve();
  }
}

export interface BranchServiceOptions {
  readonly host?: string;
  readonly port?: number;
  readonly credentials?: ServerCredentials;
  readonly options?: ServerOptions;
}
