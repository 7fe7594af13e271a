/** The server refused, or could not be reached; the message says which. */
export class ServerRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ServerRefusal';
  }
}

export type Answer = Readonly<Record<string, unknown>>;

const timeoutMs = 15_000;

/** Talks to the HTTP API of a running server. */
export class ServerClient {
  readonly #base: string;

  /** `server` is an http or https URL. */
  constructor(server: string) {
    this.#base = `${server.replace(/\/+$/, '').replace(/\/api\/dtmsvr$/, '')}/api/dtmsvr/`;
  }

  get(path: string, parameters: Readonly<Record<string, string | undefined>>): Promise<Answer> {
    const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return this.#send(`${path}?${new URLSearchParams(given).toString()}`, {});
  }

  post(path: string, body: Answer): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return this.#send(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async #send(path: string, init: RequestInit): Promise<Answer> {
    const response = await this.#fetch(path, init);
    const answer = (await response.json().catch(() => ({}))) as Answer;
    if (response.ok) return answer;
    const { code, message } = answer;
    throw new ServerRefusal(
      typeof message === 'string'
        ? `${message}${typeof code === 'string' ? ` (${code})` : ''}`
        : `the server answered ${String(response.status)}`,
    );
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.#base + path, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new ServerRefusal(`no server at ${new URL(this.#base).origin}: ${cause}`);
    }
  }
}
