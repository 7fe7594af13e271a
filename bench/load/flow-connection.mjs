/** One kept HTTP/1.1 connection that sends a request at a time and costs next to nothing: of an answer it reads status and length. */
import { connect } from 'node:net';
import { gidPlace } from './wrk.mjs';

export class FlowConnection {
  /** @type {(status: number) => void} */
  #answered = () => undefined;
  /** @type {Buffer} */
  #received = Buffer.alloc(0);
  #host;
  #socket;

  /** @param {string} url of the server */
  constructor(url) {
    const { hostname, port, host } = new URL(url);
    this.#host = host;
    this.#socket = connect(Number(port), hostname).setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#read(chunk));
    for (const event of ['error', 'close']) this.#socket.on(event, () => this.#answered(0));
  }

  /**
   * Sends a request and answers the status; 0: the connection has broken.
   * @param {import('./wrk.mjs').Request} request @param {string} gid
   * @returns {Promise<number>}
   */
  send({ path, body }, gid) {
    const text = body.replaceAll(gidPlace, gid);
    const head = `POST ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n`;
    return new Promise((resolve) => {
      this.#answered = resolve;
      if (this.#socket.destroyed) resolve(0);
      else this.#socket.write(head + text);
    });
  }

  close() {
    this.#socket.destroy();
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#received.toString('latin1', 0, end);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    this.#received = Buffer.alloc(0);
    this.#answered(Number(head.slice(9, 12)));
  }
}
