import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to a port that loses what it is told to lose. */
export class TcpProxy {
  /** While true, answers are swallowed. */
  losesAnswers = false;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #held: (() => void)[] | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(port: number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server);
    server.on('connection', (client) => proxy.#join(client, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Keeps requests back from now on, also after their client has gone; answers how to let them through. */
  holdRequests(): () => void {
    const held: (() => void)[] = [];
    this.#held = held;
    return () => {
      this.#held = undefined;
      for (const send of held) send();
    };
  }

  /** Lets new requests through while those that are held stay held. */
  passNewRequests(): void {
    this.#held = undefined;
  }

  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    let isHeld = false;
    client.on('data', (chunk) => {
      if (this.#held === undefined) {
        server.write(chunk);
        return;
      }
      isHeld = true;
      this.#held.push(() => server.write(chunk));
    });
    server.on('data', (chunk) => {
      if (!this.losesAnswers) client.write(chunk);
    });
    for (const socket of pair) socket.on('error', () => undefined);
    server.on('close', () => {
      client.destroy();
      this.#pairs.delete(pair);
    });
    client.on('close', () => {
      // What was sent before the client went may still arrive.
      if (!isHeld) server.end();
    });
  }
}
