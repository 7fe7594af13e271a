import { once } from 'node:events';
import { connect } from 'node:net';

/** As much of Redis' protocol as a bench needs: one command after the other, each answered by one line or one text. */
export class RedisConnection {
  #socket;
  #received = Buffer.alloc(0);
  /** @type {{ resolve: (answer: string) => void, reject: (error: Error) => void } | undefined} */
  #waiting;

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('Redis has closed the connection')));
  }

  /** @param {string} url */
  static async open(url) {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RedisConnection(socket);
  }

  /** @param {string} command words joined by spaces @returns {Promise<string>} */
  ask(command) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${command}\r\n`);
    });
  }

  async close() {
    this.#waiting = undefined;
    this.#socket.end();
    await once(this.#socket, 'close');
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    this.#received = Buffer.concat([this.#received, chunk]);
    const lineEnd = this.#received.indexOf('\r\n');
    if (lineEnd === -1) return;
    const line = this.#received.toString('utf8', 1, lineEnd);
    const kind = String.fromCharCode(this.#received[0] ?? 0);
    const start = lineEnd + 2;
    const end = kind === '$' ? start + Number(line) : lineEnd;
    if (this.#received.length < end + 2) return;
    const text = kind === '$' ? this.#received.toString('utf8', start, end) : line;
    this.#received = this.#received.subarray(end + 2);
    if (kind === '-') this.#waiting?.reject(new Error(text));
    else this.#waiting?.resolve(text);
  }
}
