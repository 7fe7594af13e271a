/**
 * Real services for tests and for work by hand.
 *
 *   node scripts/services.mjs list                   what there is
 *   node scripts/services.mjs up [NAME...]           start, print the variables, keep until Ctrl-C
 *   node scripts/services.mjs run [NAME...] -- CMD   start, run a command with the variables set, stop
 *
 * Without a name it is all but the clusters.
 */
import { runToEnd } from './processes/run-to-end.mjs';
import { services } from './services/catalogue.mjs';
import { clusters } from './services/clusters.mjs';
import { withServices } from './services/with-services.mjs';

const [verb = 'list', ...rest] = process.argv.slice(2);
const dashes = rest.indexOf('--');
const names = dashes < 0 ? rest : rest.slice(0, dashes);
const [command, ...args] = dashes < 0 ? [] : rest.slice(dashes + 1);

const known = [...services, ...clusters];
const unknown = names.filter((name) => !known.some((service) => service.name === name));
if (unknown.length > 0) fail(`no such service: ${unknown.join(', ')}`);
const wanted = names.length === 0 ? services : known.filter((service) => names.includes(service.name));

if (verb === 'list') {
  for (const { name, title, urlVariable } of known) console.log(`${name}\t${title}\t${urlVariable}`);
} else if (verb === 'up') {
  process.exitCode = await withServices(wanted, async ({ variables, missing }) => {
    // Who reads the variables may stop this at once, so first the handlers, then the words.
    const stopped = missing.length > 0 ? 1 : untilStopped();
    for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${value}`);
    if (missing.length > 0) return stopped;
    console.error('tandem: running until Ctrl-C');
    return stopped;
  });
} else if (verb === 'run' && command !== undefined) {
  process.exitCode = await withServices(wanted, async ({ variables, missing }) => {
    if (missing.length > 0) return 1;
    return runToEnd(command, args, { env: { ...process.env, ...variables } });
  });
} else {
  fail('use: list | up [NAME...] | run [NAME...] -- COMMAND');
}

/** @returns {Promise<number>} */
function untilStopped() {
  return new Promise((resolve) => {
    // What keeps this process alive: listening for signals does not.
    const keepAlive = setInterval(() => undefined, 60_000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        clearInterval(keepAlive);
        resolve(0);
      });
    }
  });
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`services: ${message}`);
  process.exit(2);
}
