/**
 * An instance of a service of a test's own, which the test kills, pauses and starts again on the same data and port.
 *
 * Its programs are those that the scripts found for the shared service, told in an environment variable. A test that needs an
 * instance is skipped where that variable is not set (the service came from a URL or from compose).
 */
import { rmSync } from 'node:fs';
import { services } from './catalogue.mjs';
import { launchGuarded, prepareService } from './start-guarded.mjs';

/**
 * @typedef {object} Instance
 * @property {string} url
 * @property {number} port
 * @property {string} folder holds `data`, `log` and `pid`
 * @property {() => Promise<void>} start listens again when it resolves; engines may need longer until they answer
 * @property {(signal?: NodeJS.Signals) => Promise<void>} kill SIGKILL unless told otherwise; resolves when it has ended
 * @property {() => void} pause SIGSTOP
 * @property {() => void} resume SIGCONT
 * @property {() => Promise<void>} close ends it and deletes its data
 */

/** @param {Pick<import('./service.mjs').Service, 'urlVariable'>} service */
export function programsVariable({ urlVariable }) {
  return urlVariable.replace(/_URL$/, '_PROGRAMS');
}

/** @param {string} name of a service in the catalogue */
export function programsOf(name) {
  const service = services.find((one) => one.name === name);
  if (service === undefined) throw new Error(`no such service: ${name}`);
  const given = process.env[programsVariable(service)];
  if (given === undefined || given === '') throw new Error(`${programsVariable(service)} is not set`);
  /** @type {import('./service.mjs').Programs} */
  const programs = JSON.parse(given);
  return { service, programs };
}

/**
 * Starts one.
 * @param {string} name of a service in the catalogue
 * @param {readonly string[]} [moreArgs] for the program, after its own
 * @returns {Promise<Instance>}
 */
export async function openInstance(name, moreArgs = []) {
  const { service, programs } = programsOf(name);
  return startInstance(await prepareService(service, programs, moreArgs));
}

/**
 * Starts what is prepared; its data goes where that fails.
 * @param {import('./start-guarded.mjs').Prepared} prepared
 * @returns {Promise<Instance>}
 */
export async function startInstance(prepared) {
  const { folder, port, launch } = prepared;
  /** @type {Awaited<ReturnType<typeof launchGuarded>> | undefined} */
  let running;
  /** @param {NodeJS.Signals} signal */
  const signal = (signal) => {
    if (running !== undefined) process.kill(running.pid(), signal);
  };
  /** @type {Instance} */
  const instance = {
    url: launch.url,
    port,
    folder,
    start: async () => {
      running ??= await launchGuarded(prepared, { isKept: true });
    },
    kill: async (name = 'SIGKILL') => {
      signal(name);
      await running?.ended;
      running = undefined;
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    close: async () => {
      if (running !== undefined) signal('SIGCONT');
      await running?.stop();
      running = undefined;
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  try {
    await instance.start();
    return instance;
  } catch (error) {
    await instance.close();
    throw error;
  }
}
