/**
 * The server under measurement, as a user would start it: a command, told its ports and data folder by environment
 * variables that both Tandem and DTM read, in an empty folder of its own.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../scripts/processes/free-port.mjs';
import { signalGroup } from '../../scripts/processes/run-to-end.mjs';
import { eventually } from './eventually.mjs';
import { usageOf } from './process-usage.mjs';

const startLimitMs = 60_000;
const stopLimitMs = 30_000;

/**
 * @typedef {object} ServerOptions
 * @property {string} command run by a shell
 * @property {string | undefined} baseUrl where it answers, if its command fixes that
 * @property {string} folder where it runs and keeps its data
 * @property {Readonly<Record<string, string>>} [env] more variables: its store
 */

/** @param {string} folder */
function dataFolderIn(folder) {
  return join(folder, 'data');
}

export class MeasuredServer {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  #startCount = 0;

  /** @param {ServerOptions} options @param {string} baseUrl @param {NodeJS.ProcessEnv} env */
  constructor(options, baseUrl, env) {
    this.options = options;
    this.baseUrl = baseUrl;
    this.env = env;
  }

  /** Where its gRPC API is. */
  get grpcAddress() {
    return `127.0.0.1:${this.env['GRPC_PORT'] ?? ''}`;
  }

  /** Where Tandem keeps its data; other servers take a place of their own in their folder. */
  get dataFolder() {
    return dataFolderIn(this.options.folder);
  }

  /** @param {ServerOptions} options */
  static async create(options) {
    const [http, grpc, jsonRpc] = [await freePort(), await freePort(), await freePort()];
    const ports = { HTTP_PORT: String(http), GRPC_PORT: String(grpc), JSON_RPC_PORT: String(jsonRpc) };
    const env = { ...process.env, ...ports, TANDEM_DATA: dataFolderIn(options.folder), ...options.env };
    mkdirSync(options.folder, { recursive: true });
    return new MeasuredServer(options, options.baseUrl ?? `http://127.0.0.1:${http}`, env);
  }

  /** Starts it; answers the milliseconds until its first served request. */
  async start() {
    this.#startCount += 1;
    const log = createWriteStream(join(this.options.folder, `server-${this.#startCount}.log`));
    await new Promise((resolve) => log.on('open', resolve));
    const child = spawn('sh', ['-c', `exec ${this.options.command}`], {
      cwd: this.options.folder,
      env: this.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    this.#child = child;
    child.on('exit', () => log.end());
    return eventually(`the server answers (its log: ${String(log.path)})`, startLimitMs, () => this.isUp(), 2);
  }

  async isUp() {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) throw new Error('the server has ended');
    return (await fetch(`${this.baseUrl}/api/dtmsvr/newGid`)).ok;
  }

  usage() {
    return usageOf(this.#child?.pid ?? 0);
  }

  /** Ends it at once, as a power cut would. */
  async kill() {
    await this.#end('SIGKILL');
  }

  async stop() {
    await this.#end('SIGTERM');
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined) return;
    const groupId = child.pid;
    const ended = child.exitCode !== null ? Promise.resolve() : new Promise((resolve) => child.on('exit', resolve));
    signalGroup(groupId, signal);
    const isStuck = await Promise.race([ended.then(() => false), delay(stopLimitMs, true, { ref: false })]);
    signalGroup(groupId, 'SIGKILL');
    if (isStuck) throw new Error(`the server did not end within ${stopLimitMs} ms of ${signal}`);
  }
}
