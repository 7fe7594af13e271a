import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '@tandem/store';
import { configOf, openLog, startServer, type Config, type RunningServer } from '@tandem/server';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** Nobody's connections are spared for long when it stops. */
const ofTests = { httpPort: 0, grpcPort: 0, logLevel: 'debug', shutdownGraceMs: 1_000 } as const;

/** A started server on a free port with a data folder of its own. */
export class TestServer {
  readonly folder: string;
  readonly logLines: string[] = [];
  readonly #given: Partial<Config>;
  #running: RunningServer | undefined;

  private constructor(given: Partial<Config>) {
    this.folder = mkdtempSync(join(tmpdir(), 'tandem-server-'));
    this.#given = given;
  }

  static async start(given: Partial<Config> = {}, store?: Store): Promise<TestServer> {
    const server = new TestServer(given);
    try {
      await server.open(store);
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  async open(store?: Store): Promise<void> {
    const config = configOf({ ...ofTests, dataFolder: this.folder, ...this.#given });
    const log = openLog(config.logLevel, { write: (line: string) => void this.logLines.push(line) });
    this.#running = await startServer(config, store === undefined ? { log } : { log, store });
  }

  get url(): string {
    if (this.#running === undefined) throw new Error('the server is not running');
    return this.#running.url;
  }

  get grpcAddress(): string {
    if (this.#running?.grpcAddress === undefined) throw new Error('the gRPC API is not running');
    return this.#running.grpcAddress;
  }

  get(path: string): Promise<Answer> {
    return this.send(path, {});
  }

  post(path: string, body: unknown): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
  }

  /** `path` is below /api/dtmsvr/ unless it starts with a slash. */
  async send(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(path.startsWith('/') ? this.url + path : `${this.url}/api/dtmsvr/${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }

  /** Stops the server and keeps its folder. */
  async stop(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
