import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * A network that a test can spoil. What a client has sent reaches the server also after the client was cut off, as it does
 * when a reply is lost.
 */
export class TcpProxy {
  readonly #server = createServer((client) => {
    this.#accept(client);
  });
  readonly #target: { readonly host: string; readonly port: number };
  readonly #pairs = new Set<Pair>();
  #holdsRequests = false;
  #swallowsReplies = false;
  #held: (() => void)[] = [];
  #answersToNobody = 0;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
  }

  /** A proxy in front of a URL's host, and the URL with the proxy instead. */
  static async before(url: string): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
    const through = new URL(url);
    const proxy = new TcpProxy({ host: through.hostname, port: Number(through.port) });
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    through.hostname = '127.0.0.1';
    through.port = String((proxy.#server.address() as AddressInfo).port);
    return { proxy, url: through.href };
  }

  /** Requests stay here until `releaseRequests`; those of connections that come later go through. */
  holdRequests(): void {
    this.#holdsRequests = true;
  }

  /** What was held goes to the server, though nobody may wait for the answer any more. */
  releaseRequests(): void {
    this.#holdsRequests = false;
    const held = this.#held;
    this.#held = [];
    for (const send of held) send();
  }

  get heldRequests(): number {
    return this.#held.length;
  }

  /** Answers of the server to clients that were cut off. */
  get answersToNobody(): number {
    return this.#answersToNobody;
  }

  /** From now on answers go nowhere. */
  swallowReplies(isOn: boolean): void {
    this.#swallowsReplies = isOn;
  }

  /** Every client is cut off; the server's ends stay open, and connections that come later go through. */
  cutClients(): void {
    this.#holdsRequests = false;
    this.#swallowsReplies = false;
    for (const { client } of this.#pairs) client.destroy();
  }

  async close(): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const server = connect(this.#target);
    const pair = { client, server };
    this.#pairs.add(pair);
    client.on('error', () => undefined);
    server.on('error', () => undefined);
    client.on('data', (bytes) => {
      if (this.#holdsRequests) this.#held.push(() => server.write(bytes));
      else server.write(bytes);
    });
    client.on('end', () => server.end());
    server.on('data', (bytes) => {
      if (client.destroyed) this.#answersToNobody++;
      else if (!this.#swallowsReplies) client.write(bytes);
    });
    server.on('close', () => {
      client.destroy();
      this.#pairs.delete(pair);
    });
  }
}
