/**
 * Provides real services: the programs come from the first way that works.
 *
 * The order goes from what costs nothing to what changes the machine. TANDEM_SERVICES_FROM names one way or several,
 * joined by commas, and hides the others: installed, npm, debian, go, apt, compose.
 */
import { startComposed } from './compose.mjs';
import { startGuarded } from './start-guarded.mjs';
import { aptPrograms } from './ways/apt-programs.mjs';
import { debianPrograms } from './ways/debian-programs.mjs';
import { goPrograms } from './ways/go-programs.mjs';
import { installedPrograms } from './ways/installed-programs.mjs';
import { npmPrograms } from './ways/npm-programs.mjs';

/**
 * @typedef {import('./service.mjs').Service} Service
 * @typedef {{ service: Service, url: string, origin: string, programs?: import('./service.mjs').Programs, stop: () => Promise<void> }} Provided
 * @typedef {{ service: Service, reasons: readonly string[] }} NotProvided
 */

/** @type {Readonly<Record<string, (service: Service) => Promise<Provided>>>} */
const ways = {
  installed: async (service) => startFrom(service, await installedPrograms(service)),
  npm: async (service) => startFrom(service, await npmPrograms(service)),
  debian: async (service) => startFrom(service, await debianPrograms(service)),
  go: async (service) => startFrom(service, await goPrograms(service)),
  apt: async (service) => startFrom(service, await aptPrograms(service)),
  compose: async (service) => ({ service, origin: 'compose.yaml', ...(await startComposed(service)) }),
};

/** @param {Service} service @param {import('./service.mjs').Programs} programs @returns {Promise<Provided>} */
async function startFrom(service, programs) {
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
 * @param {Service} service
 * @returns {Promise<Provided | NotProvided>}
 */
export async function provide(service) {
  const given = process.env[service.urlVariable];
  if (given !== undefined && given !== '') {
    return { service, url: given, origin: service.urlVariable, stop: async () => undefined };
  }
  const reasons = [];
  for (const name of openWays()) {
    try {
      const way = ways[name];
      if (way === undefined) throw new Error(`no such way; there are ${Object.keys(ways).join(', ')}`);
      return await way(service);
    } catch (error) {
      reasons.push(`${name}: ${describe(error)}`);
    }
  }
  return { service, reasons };
}

/** @param {unknown} error @returns {string} */
function describe(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${describe(error.cause)})`;
}

/** What a person can do where nothing worked. @param {Service} service */
export function adviceFor(service) {
  const apt = service.debian === undefined ? '' : `sudo apt-get install ${service.debian.packages.join(' ')}, or `;
  const go = service.goModule === undefined ? '' : 'install Go 1.22 or newer, or ';
  return `${apt}${go}start ${service.title} by hand and set ${service.urlVariable} to its URL`;
}
