import type { Members, Reply, Verb, Wire } from './wire.js';

const outcomes: Readonly<Record<number, Reply['outcome']>> = { 200: 'success', 409: 'refused', 425: 'ongoing' };

/** DTM's HTTP API below `/api/dtmsvr/`. */
export class HttpWire implements Wire {
  readonly name = 'http';

  /** @param url of the server, without a path */
  constructor(readonly url: string) {}

  newGid(): Promise<Reply> {
    return this.get('newGid');
  }

  send(verb: Verb, members: Members): Promise<Reply> {
    return this.post(verb, JSON.stringify(members));
  }

  /** A body as it is: for what a client should never send. */
  post(path: string, body: string): Promise<Reply> {
    return this.request('POST', path, body);
  }

  get(path: string): Promise<Reply> {
    return this.request('GET', path);
  }

  /** @param path below `/api/dtmsvr/` unless it starts with a slash */
  async request(method: string, path: string, body?: string): Promise<Reply> {
    const url = path.startsWith('/') ? this.url + path : `${this.url}/api/dtmsvr/${path}`;
    const content = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
    const response = await fetch(url, { method, ...content });
    const text = await response.text();
    const outcome = outcomes[response.status] ?? 'error';
    return { outcome, code: String(response.status), text, body: parsed(text) };
  }

  close(): void {
    // Connections of fetch are the process's.
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
