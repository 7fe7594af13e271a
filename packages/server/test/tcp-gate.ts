import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A way to a server that can be cut like a cable: nothing goes through and nothing is refused. What was sent before the cut, or
 * during it, arrives when it is mended, however late.
 */
export class TcpGate {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server = createServer((client) => {
    this.#accept(client);
  });
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(host: string, port: number) {
    this.#target = { host, port };
  }

  /** A gate before the server that a URL names, and the URL that leads through it. */
  static async before(url: string): Promise<{ readonly gate: TcpGate; readonly url: string }> {
    const through = new URL(url);
    const gate = new TcpGate(through.hostname, Number(through.port));
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    through.hostname = '127.0.0.1';
    through.port = String((gate.#server.address() as AddressInfo).port);
    return { gate, url: through.href };
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(client: Socket): void {
    const server = connect(this.#target);
    this.#join(client, server);
    this.#join(server, client);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (data) => {
      to.write(data);
    });
    from.on('error', () => undefined);
    from.once('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    if (this.#isCut) from.pause();
  }
}
