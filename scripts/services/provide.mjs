/**
 * Provides real services: the programs come from the first way that works.
 *
 * The order goes from what costs nothing to what changes the machine. TANDEM_SERVICES_FROM names one way or several,
 * joined by commas, and hides the others: installed, npm, debian, go, apt, compose.
 */
import { startComposed } from './compose.mjs';
import { startCluster } from './start-cluster.mjs';
import { startGuarded } from './start-guarded.mjs';
import { aptPrograms } from './ways/apt-programs.mjs';
import { debianPrograms } from './ways/debian-programs.mjs';
import { goPrograms } from './ways/go-programs.mjs';
import { installedPrograms } from './ways/installed-programs.mjs';
import { npmPrograms } from './ways/npm-programs.mjs';

/**
 * @typedef {import('./service.mjs').Service} Service
 * @typedef {import('./start-cluster.mjs').Cluster} Cluster
 * @typedef {{ service: Service | Cluster, url: string, origin: string, programs?: import('./service.mjs').Programs, stop: () => Promise<void> }} Provided
 * @typedef {{ service: Service | Cluster, reasons: readonly string[] }} NotProvided
 */

/** @type {Readonly<Record<string, (service: Service) => Promise<import('./service.mjs').Programs>>>} */
const programsFrom = {
  installed: installedPrograms,
  npm: npmPrograms,
  debian: debianPrograms,
  go: goPrograms,
  apt: aptPrograms,
};

/** @type {Readonly<Record<string, (service: Service | Cluster) => Promise<Provided>>>} */
const ways = {
  ...Object.fromEntries(
    Object.entries(programsFrom).map(([name, find]) => [
      name,
      async (/** @type {Service | Cluster} */ service) => startFrom(service, await find(servedBy(service))),
    ]),
  ),
  compose: async (service) => {
    if ('of' in service) throw new Error('not in compose.yaml');
    return { service, origin: 'compose.yaml', ...(await startComposed(service)) };
  },
};

/** The service whose programs run. @param {Service | Cluster} service */
export function servedBy(service) {
  return 'of' in service ? service.of : service;
}

/** @param {Service | Cluster} service @param {import('./service.mjs').Programs} programs @returns {Promise<Provided>} */
async function startFrom(service, programs) {
  if ('of' in service) {
    const { url, close } = await startCluster(service, programs);
    return { service, origin: programs.origin, programs, url, stop: close };
  }
  return { service, origin: programs.origin, programs, ...(await startGuarded(service, programs)) };
}

/** The ways that are open here, in order. */
export function openWays(env = process.env) {
  const asked = env['TANDEM_SERVICES_FROM'];
  if (asked !== undefined && asked !== '') return asked.split(',').map((name) => name.trim());
  return Object.keys(ways).filter((name) => name !== 'apt' || env['CI'] === 'true');
}

/**
 * One service, running, or why no way worked. A URL that is already in the environment is taken as it is.
 * @param {Service | Cluster} service
 * @returns {Promise<Provided | NotProvided>}
 */
export async function provide(service) {
  const given = process.env[service.urlVariable];
  if (given !== undefined && given !== '') {
    return { service, url: given, origin: service.urlVariable, stop: async () => undefined };
  }
  const found = await firstThatWorks(ways, service);
  return 'result' in found ? found.result : { service, ...found };
}

/**
 * The programs of one service, for instances of one's own; or why no way has them.
 * @param {Service} service
 * @returns {Promise<{ result: import('./service.mjs').Programs } | { reasons: readonly string[] }>}
 */
export function findPrograms(service) {
  return firstThatWorks(programsFrom, service);
}

/**
 * @template {Service | Cluster} S
 * @template T
 * @param {Readonly<Record<string, (service: S) => Promise<T>>>} known
 * @param {S} service
 * @returns {Promise<{ result: T } | { reasons: readonly string[] }>}
 */
async function firstThatWorks(known, service) {
  const reasons = [];
  for (const name of openWays()) {
    try {
      const way = known[name];
      if (way === undefined) throw new Error(`no such way; there are ${Object.keys(known).join(', ')}`);
      return { result: await way(service) };
    } catch (error) {
      reasons.push(`${name}: ${describe(error)}`);
    }
  }
  return { reasons };
}

/** @param {unknown} error @returns {string} */
function describe(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${describe(error.cause)})`;
}

/** What a person can do where nothing worked. @param {Service | Cluster} service */
export function adviceFor(service) {
  const { debian, goModule } = servedBy(service);
  const apt =
    debian === undefined || debian.suite !== undefined ? '' : `sudo apt-get install ${debian.packages.join(' ')}, or `;
  const go = goModule === undefined ? '' : 'install Go 1.22 or newer, or ';
  return `${apt}${go}start ${service.title} by hand and set ${service.urlVariable} to its URL`;
}
