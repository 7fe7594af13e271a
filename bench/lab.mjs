/** What one run of the bench has under way: participants, the engine, servers and their databases; ended in the opposite order. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { engines } from './engines/catalogue.mjs';
import { MeasuredEngine } from './engines/measured-engine.mjs';
import { dtmStoreEnvironment, tandemStoreEnvironment } from './engines/server-environment.mjs';
import { participants as createParticipants } from './participants/nginx.mjs';
import { MeasuredServer } from './server/measured-server.mjs';

/** Databases by what is measured: the statements of another server may name its own. */
const databases = { ours: 'tandem', others: 'dtm' };

export class Lab {
  #options;
  #command;
  #serverCount = 0;
  /** @type {MeasuredServer[]} */
  #servers = [];
  /** @type {MeasuredEngine | undefined} */
  engine;
  /** @type {import('./participants/nginx.mjs').Participants} */
  participants;

  /**
   * @param {import('./options.mjs').Options} options @param {string} folder temporary, deleted in the end
   * @param {string} command of the server @param {import('./participants/nginx.mjs').Participants} participants
   */
  constructor(options, folder, command, participants) {
    this.#options = options;
    this.folder = folder;
    this.#command = command;
    this.participants = participants;
  }

  /** @param {import('./options.mjs').Options} options @param {(folder: string) => string} commandIn */
  static async open(options, commandIn) {
    // The services' data lies there too.
    process.env['TMPDIR'] = options.dataRoot;
    const folder = mkdtempSync(join(options.dataRoot, 'tandem-bench-'));
    const lab = new Lab(options, folder, commandIn(folder), await createParticipants(folder));
    try {
      await lab.participants.start();
      const engine = engines.find(({ name }) => name === options.store);
      if (engine !== undefined) lab.engine = await MeasuredEngine.start(engine);
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** A database and a server of a scenario's own, not started. @returns {Promise<import('./scenarios/bench-setting.mjs').Setting>} */
  async setting() {
    const { seconds, warmUpSeconds, runs, count, serverCommand } = this.#options;
    const env = this.engine === undefined ? {} : await this.#openDatabase(this.engine);
    const server = await this.#newServer(this.#command, env);
    return {
      server,
      newServer: (command = this.#command) => this.#newServer(command, env),
      storeUrl: env['TANDEM_STORE'] ?? `sqlite:${server.dataFolder}`,
      engine: this.engine,
      participants: this.participants,
      folder: this.folder,
      seconds,
      warmUpSeconds,
      runs,
      count,
      isOurs: serverCommand === undefined,
    };
  }

  /** Ends the servers of a scenario. */
  async endServers() {
    const servers = this.#servers;
    this.#servers = [];
    for (const server of servers) await server.stop();
  }

  async close() {
    try {
      await this.endServers();
    } finally {
      await this.participants.stop();
      await this.engine?.stop();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  /** @param {MeasuredEngine} engine @returns {Promise<Record<string, string>>} how a server is told of it */
  async #openDatabase(engine) {
    const { serverCommand, serverSchema } = this.#options;
    if (serverCommand === undefined)
      return tandemStoreEnvironment(await engine.createDatabase(databases.ours, undefined));
    const schema = serverSchema === undefined ? undefined : readFileSync(serverSchema, 'utf8');
    return dtmStoreEnvironment(await engine.createDatabase(databases.others, schema));
  }

  /** @param {string} command @param {Readonly<Record<string, string>>} env */
  async #newServer(command, env) {
    this.#serverCount += 1;
    const server = await MeasuredServer.create({
      command,
      baseUrl: this.#options.baseUrl,
      folder: join(this.folder, `run-${this.#serverCount}`),
      env,
    });
    this.#servers.push(server);
    return server;
  }
}
