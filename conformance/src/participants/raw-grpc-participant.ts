import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';

const emptyMessage = Buffer.alloc(5);

/** Answers every gRPC call with an empty message, and keeps the headers as they were sent: a gRPC library hides some. */
export class RawGrpcParticipant {
  readonly headers: Readonly<Record<string, unknown>>[] = [];
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  private constructor() {
    this.#server = createServer();
    this.#server.on('session', (session) => this.#sessions.add(session));
    this.#server.on('stream', (stream, headers) => {
      this.headers.push(headers);
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.resume();
      stream.end(emptyMessage);
    });
  }

  static async open(): Promise<RawGrpcParticipant> {
    const participant = new RawGrpcParticipant();
    await new Promise<void>((resolve) => participant.#server.listen(0, '127.0.0.1', resolve));
    return participant;
  }

  /** host:port */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
  }
}
