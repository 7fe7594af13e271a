import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

type Command = 'insert' | 'update' | 'find';

/** A way to a server on which answers get lost, and requests come late. */
export class LosingProxy {
  readonly #server = createServer((client) => {
    this.#join(client);
  });
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #loses: Command | undefined;
  #holds: Command | undefined;
  #held: (() => void)[] = [];
  #lost = 0;

  private constructor(target: number) {
    this.#target = target;
  }

  /** Answers the proxy, and the URL that leads through it. */
  static async before(url: string): Promise<{ readonly proxy: LosingProxy; readonly url: string }> {
    const through = new URL(url);
    const proxy = new LosingProxy(Number(through.port));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    through.port = String((proxy.#server.address() as AddressInfo).port);
    return { proxy, url: through.href };
  }

  /** The server does the next such command, and who sent it is cut off instead of being told. */
  loseNextAnswerTo(command: Command): void {
    this.#loses = command;
  }

  /** The next such command stays here, and who sent it is cut off. */
  holdNext(command: Command): void {
    this.#holds = command;
  }

  /** What was held goes to the server; nobody waits for its answer. */
  release(): void {
    for (const send of this.#held) send();
    this.#held = [];
  }

  /** Answers that were lost, and commands that were held. */
  get lost(): number {
    return this.#lost;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    let isLosing = false;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    client.on('data', (bytes) => {
      if (this.#holds !== undefined && isCommand(bytes, this.#holds)) {
        this.#holds = undefined;
        this.#lost++;
        this.#held.push(() => server.write(bytes));
        client.destroy();
        return;
      }
      if (this.#loses !== undefined && isCommand(bytes, this.#loses)) {
        this.#loses = undefined;
        isLosing = true;
      }
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (isLosing && !client.destroyed) {
        this.#lost++;
        client.destroy();
      } else if (!client.destroyed) client.write(bytes);
    });
    server.on('close', () => client.destroy());
  }
}

/** The command is the first field of the message's document: a string, the collection. */
function isCommand(bytes: Buffer, command: Command): boolean {
  return bytes.includes(`\u0002${command}\0`);
}
