/** An engine under measurement: its program as a user would run it, with data of its own on the disk that the bench is given. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '../../scripts/services/catalogue.mjs';
import { openInstance, programsVariable } from '../../scripts/services/instance.mjs';
import { provide } from '../../scripts/services/provide.mjs';
import { eventually } from '../server/eventually.mjs';
import { usageOf } from '../server/process-usage.mjs';

const answerLimitMs = 30_000;

export class MeasuredEngine {
  #instance;
  #session;

  /**
   * @param {import('./engine.mjs').Engine} engine
   * @param {import('../../scripts/services/instance.mjs').Instance} instance
   * @param {import('./engine.mjs').EngineSession} session
   */
  constructor(engine, instance, session) {
    this.name = engine.name;
    this.#instance = instance;
    this.#session = session;
  }

  /** @param {import('./engine.mjs').Engine} engine */
  static async start(engine) {
    await findPrograms(engine.service);
    const instance = await openInstance(engine.service, engine.settings);
    try {
      /** @type {import('./engine.mjs').EngineSession | undefined} */
      let session;
      await eventually(`${engine.name} answers`, answerLimitMs, async () => {
        session = await engine.connect(instance.url);
        return true;
      });
      if (session === undefined) throw new Error(`${engine.name} does not answer`);
      return new MeasuredEngine(engine, instance, session);
    } catch (error) {
      await instance.close();
      throw error;
    }
  }

  /**
   * An empty database; answers its URL.
   * @param {string} name @param {string | undefined} schema statements that make another server's tables
   */
  createDatabase(name, schema) {
    return this.#session.createDatabase(name, schema);
  }

  counters() {
    return this.#session.counters();
  }

  usage() {
    return usageOf(Number(readFileSync(join(this.#instance.folder, 'pid'), 'utf8')));
  }

  async stop() {
    try {
      await this.#session.close();
    } finally {
      await this.#instance.close();
    }
  }
}

/** Finds or fetches an engine's programs, and says where they are as a test is told. @param {string} name of the service */
async function findPrograms(name) {
  const service = services.find((one) => one.name === name);
  if (service === undefined) throw new Error(`no service ${name}`);
  const variable = programsVariable(service);
  if (process.env[variable] !== undefined) return;
  // A server that runs already would be measured with what others do on it, and by settings that nobody knows.
  const provided = await provide({ ...service, urlVariable: '' });
  if ('reasons' in provided) throw new Error(`${service.title}: ${provided.reasons.join('; ')}`);
  await provided.stop();
  if (provided.programs === undefined) throw new Error(`${service.title} from ${provided.origin} cannot be measured`);
  process.env[variable] = JSON.stringify(provided.programs);
}
