import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** One address for several servers: each connection goes to the next one, and to the one after it where that refuses. */
export class Balancer {
  readonly #ports: readonly number[];
  readonly #server = createServer((client) => {
    this.#accept(client);
  });
  readonly #sockets = new Set<Socket>();
  #next = 0;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  static async open(ports: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  /** `127.0.0.1:PORT` */
  get address(): string {
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(client: Socket): void {
    this.#keep(client);
    this.#connect(client, this.#ports.length);
  }

  #connect(client: Socket, triesLeft: number): void {
    const port = this.#ports[this.#next % this.#ports.length] ?? 0;
    this.#next += 1;
    const server = connect(port, '127.0.0.1');
    const refused = (): void => {
      if (triesLeft > 1 && !client.destroyed) this.#connect(client, triesLeft - 1);
      else client.destroy();
    };
    server.once('error', refused);
    server.once('connect', () => {
      server.removeListener('error', refused);
      this.#keep(server);
      client.pipe(server).pipe(client);
      client.once('close', () => server.destroy());
      server.once('close', () => client.destroy());
    });
  }

  #keep(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
