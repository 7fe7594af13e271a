/** One service in another language, as a process of its own, called as a coordinator calls it. */
import { tmpdir } from 'node:os';
import { ExampleProcess, freePort } from '@tandem/example-stage';
import type { Program } from '../src/system/other-languages.js';

/** A branch of a transaction: what tells its calls from all others. */
export interface Branch {
  readonly gid: string;
  readonly type: 'saga' | 'tcc';
  readonly payload: unknown;
}

export class ForeignService {
  readonly #program: Program;
  readonly #env: Readonly<Record<string, string>>;
  #child: ExampleProcess | undefined;
  #port = 0;

  constructor(program: Program, env: Readonly<Record<string, string>>) {
    this.#program = program;
    this.#env = env;
  }

  /** Starts it, again on the same port; resolves when it serves. */
  async start(): Promise<void> {
    if ('missing' in this.#program) throw new Error(`${this.#program.missing} is missing`);
    const { file, args } = this.#program;
    let opened: (port: number) => void = () => undefined;
    const serving = new Promise<number>((resolve) => (opened = resolve));
    const onLine = (line: string): void => {
      if (line.startsWith('{"port"')) opened((JSON.parse(line) as { readonly port: number }).port);
    };
    // Not one that the system lends to outgoing connections: it might be lent while the service is down.
    if (this.#port === 0) this.#port = await freePort();
    const env = { ...this.#env, PORT: String(this.#port) };
    this.#child = new ExampleProcess({ file, args, cwd: tmpdir(), env, onLine });
    this.#port = await this.#child.until('it served', serving);
  }

  async kill(): Promise<void> {
    await this.#child?.end('SIGKILL');
  }

  get isRunning(): boolean {
    return this.#child?.isRunning === true;
  }

  /** What an operation of a branch is answered: its status. */
  async call(path: string, op: string, { gid, type, payload }: Branch): Promise<number> {
    const query = new URLSearchParams({ gid, trans_type: type, branch_id: '01', op });
    return this.send(`${path}?${query.toString()}`, JSON.stringify(payload));
  }

  /** POSTs what is given as it is. */
  async send(pathAndQuery: string, body: string): Promise<number> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const response = await fetch(`http://127.0.0.1:${String(this.#port)}${pathAndQuery}`, init);
    await response.text();
    return response.status;
  }

  async health(): Promise<number> {
    return (await fetch(`http://127.0.0.1:${String(this.#port)}/health`)).status;
  }
}
