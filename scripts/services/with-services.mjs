import { programsVariable } from './instance.mjs';
import { adviceFor, provide, servedBy } from './provide.mjs';

/**
 * @typedef {object} Running
 * @property {Readonly<Record<string, string>>} variables of each service that runs: its URL, and where its programs are
 * @property {readonly import('./provide.mjs').NotProvided[]} missing
 */

/**
 * Provides services for as long as `use` takes, tells on standard error what came from where, and stops them, whatever
 * happened. Should this process be killed, their guardians stop them.
 * @template T
 * @param {readonly (import('./service.mjs').Service | import('./start-cluster.mjs').Cluster)[]} services
 * @param {(running: Running) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withServices(services, use) {
  const results = await Promise.all(services.map(provide));
  const running = results.filter((result) => 'url' in result);
  const missing = results.filter((result) => 'reasons' in result);
  for (const { service, origin } of running) console.error(`tandem: ${service.title} from ${origin}`);
  for (const { service, reasons } of missing) {
    console.error(`tandem: ${service.title} could not be provided`);
    for (const reason of reasons) console.error(`  ${reason}`);
    console.error(`  what helps: ${adviceFor(service)}`);
  }
  try {
    return await use({
      variables: Object.fromEntries(running.flatMap(variablesOf)),
      missing,
    });
  } finally {
    await Promise.all(running.map((one) => one.stop()));
  }
}

/** @param {import('./provide.mjs').Provided} provided @returns {[string, string][]} */
function variablesOf({ service, url, programs }) {
  /** @type {[string, string]} */
  const ofUrl = [service.urlVariable, url];
  return programs === undefined ? [ofUrl] : [ofUrl, [programsVariable(servedBy(service)), JSON.stringify(programs)]];
}
