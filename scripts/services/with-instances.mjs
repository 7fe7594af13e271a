import { services } from './catalogue.mjs';
import { startInstance } from './instance.mjs';
import { findPrograms } from './provide.mjs';
import { prepareService } from './start-guarded.mjs';

/**
 * Instances of services for as long as `use` takes: its own, which it may kill and start again. Should this process be killed, their
 * guardians stop them.
 * @template {string} Name
 * @template T
 * @param {Readonly<Record<Name, readonly string[]>>} wanted names in the catalogue, with more arguments for the program
 * @param {(instances: Readonly<Record<Name, import('./instance.mjs').Instance>>) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withInstances(wanted, use) {
  /** @type {[string, import('./instance.mjs').Instance][]} */
  const opened = [];
  try {
    for (const [name, args] of Object.entries(wanted)) {
      opened.push([name, await openFound(name, /** @type {readonly string[]} */ (args))]);
    }
    return await use(/** @type {Record<Name, import('./instance.mjs').Instance>} */ (Object.fromEntries(opened)));
  } finally {
    await Promise.all(opened.map(([, instance]) => instance.close()));
  }
}

/** @param {string} name @param {readonly string[]} args */
async function openFound(name, args) {
  const service = services.find((one) => one.name === name);
  if (service === undefined) throw new Error(`no such service: ${name}`);
  const found = await findPrograms(service);
  if ('reasons' in found) {
    const packages = service.debian?.packages.join(' ') ?? service.name;
    const advice = `what helps: sudo apt-get install ${packages}`;
    throw new Error(`${service.title} could not be provided, ${advice}\n  ${found.reasons.join('\n  ')}`);
  }
  return startInstance(await prepareService(service, found.result, args));
}
