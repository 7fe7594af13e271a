/**
 * A way to a server that a test can spoil: requests that come late, answers that get lost, connections that are cut or of which
 * a firewall has forgotten all. What a client has sent reaches the server also after the client was cut off.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A goodbye is no request: in the wires of PostgreSQL and of MySQL it has so many bytes. */
const goodbyeBytes = 5;

/**
 * @typedef {object} Pair
 * @property {import('node:net').Socket} client
 * @property {import('node:net').Socket} server
 * @property {boolean} outlivesClient the server's end stays open when the client's has gone
 * @property {boolean} losesAnswer
 * @property {boolean} isDead
 *
 * @typedef {(bytes: Buffer) => boolean} Matches whether a piece of what a client sends is the request that is meant
 */

export class TcpProxy {
  #server = createServer((client) => this.#join(client));
  /** @type {{ host: string, port: number }} */
  #target;
  /** @type {Set<Pair>} */
  #pairs = new Set();
  #holdsRequests = false;
  #swallowsReplies = false;
  /** @type {(() => void)[]} */
  #held = [];
  /** @type {Matches | undefined} */
  #holdsNext;
  /** @type {Matches | undefined} */
  #losesNext;
  #lost = 0;
  #answersToNobody = 0;
  #requestsToNobody = 0;

  /** @param {{ host: string, port: number }} target */
  constructor(target) {
    this.#target = target;
  }

  /**
   * A proxy in front of a URL's host, and the URL with the proxy instead.
   * @param {string} url
   * @returns {Promise<{ readonly proxy: TcpProxy, readonly url: string }>}
   */
  static async before(url) {
    const through = new URL(url);
    const proxy = new TcpProxy({ host: through.hostname, port: Number(through.port) });
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    through.hostname = '127.0.0.1';
    through.port = String(/** @type {import('node:net').AddressInfo} */ (proxy.#server.address()).port);
    return { proxy, url: through.href };
  }

  /** Requests stay here from now on, also when their client has gone. */
  holdRequests() {
    this.#holdsRequests = true;
  }

  /** New requests go through; those that are held stay held. */
  passNewRequests() {
    this.#holdsRequests = false;
  }

  /** What was held goes to the server, though nobody may wait for the answer any more. */
  releaseRequests() {
    this.#holdsRequests = false;
    for (const send of this.#held.splice(0)) send();
  }

  get heldRequests() {
    return this.#held.length;
  }

  /** The next such request stays here, and who sent it is cut off. @param {Matches} matches */
  holdNext(matches) {
    this.#holdsNext = matches;
  }

  /** The server does the next such request, and who sent it is cut off instead of being told. @param {Matches} matches */
  loseNextAnswerTo(matches) {
    this.#losesNext = matches;
  }

  /** What `holdNext` has held, and `loseNextAnswerTo` has lost. */
  get lost() {
    return this.#lost;
  }

  /** Whether answers go nowhere from now on. @param {boolean} isOn */
  swallowReplies(isOn) {
    this.#swallowsReplies = isOn;
  }

  /** Answers of the server to clients that were cut off. */
  get answersToNobody() {
    return this.#answersToNobody;
  }

  /** Requests on connections that `forgetConnections` has struck; each was waited for. */
  get requestsToNobody() {
    return this.#requestsToNobody;
  }

  /** Every client is cut off; the server's ends stay open, and connections that come later go through. */
  cutClients() {
    this.#holdsRequests = false;
    this.#swallowsReplies = false;
    for (const pair of this.#pairs) cutOff(pair);
  }

  /** Connections that are open now stay open and carry nothing any more, either way; those that come later go through. */
  forgetConnections() {
    for (const pair of this.#pairs) pair.isDead = true;
  }

  async close() {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** @param {import('node:net').Socket} client */
  #join(client) {
    const server = connect(this.#target);
    /** @type {Pair} */
    const pair = { client, server, outlivesClient: false, losesAnswer: false, isDead: false };
    this.#pairs.add(pair);
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.on('data', (bytes) => this.#request(pair, bytes));
    client.on('end', () => server.end());
    client.on('close', () => {
      if (!pair.outlivesClient) server.end();
    });
    server.on('data', (bytes) => this.#answer(pair, bytes));
    server.on('close', () => {
      client.destroy();
      this.#pairs.delete(pair);
    });
  }

  /** @param {Pair} pair @param {Buffer} bytes */
  #request(pair, bytes) {
    const send = () => void pair.server.write(bytes);
    if (pair.isDead) {
      if (bytes.length > goodbyeBytes) this.#requestsToNobody++;
      return;
    }
    if (this.#holdsNext?.(bytes) === true) {
      this.#holdsNext = undefined;
      this.#lost++;
      this.#held.push(send);
      cutOff(pair);
    } else if (this.#holdsRequests) {
      pair.outlivesClient = true;
      this.#held.push(send);
    } else {
      if (this.#losesNext?.(bytes) === true) {
        this.#losesNext = undefined;
        pair.losesAnswer = true;
      }
      send();
    }
  }

  /** @param {Pair} pair @param {Buffer} bytes */
  #answer(pair, bytes) {
    if (pair.isDead) return;
    if (pair.client.destroyed) this.#answersToNobody++;
    else if (pair.losesAnswer) {
      this.#lost++;
      cutOff(pair);
    } else if (!this.#swallowsReplies) pair.client.write(bytes);
  }
}

/** @param {Pair} pair */
function cutOff(pair) {
  pair.outlivesClient = true;
  pair.client.destroy();
}
