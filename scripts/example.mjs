/**
 * `npm run example:NAME`: installs and builds what is missing, provides the servers that the example needs, and runs its
 * demonstration, which gets their URLs by name.
 */
import { demonstrate } from './examples/demonstrate.mjs';
import { services } from './services/catalogue.mjs';
import { withInstances } from './services/with-instances.mjs';
import { withServices } from './services/with-services.mjs';
import { prepareWorkspace } from './workspace/prepare.mjs';

/** @type {Readonly<Record<string, (flags: readonly string[]) => Promise<unknown>>>} */
const examples = {
  'order-system': () => onSharedServers(['postgres', 'mariadb', 'redis'], (servers) => tell({ servers })),
  'flash-sale': (flags) => {
    // Redis has to keep what it has answered for: the stock and its marks are the books.
    const wanted = { postgres: [], redis: ['--appendonly', 'yes', '--appendfsync', 'always'] };
    return withInstances(wanted, (servers) => tell({ servers, isCalm: flags.includes('--calm') }));
  },
};

/** With time for what is built or fetched at the first run. */
const timeLimitMs = 300_000;

const [name = '', ...flags] = process.argv.slice(2);
const example = examples[name];
if (example === undefined) {
  console.error(`example: there is ${Object.keys(examples).join(', ')}, not "${name}"`);
  process.exit(2);
}
await prepareWorkspace();
try {
  await example(flags);
} catch (error) {
  console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/** @param {object} options */
function tell(options) {
  return demonstrate(name, { title: name, timeLimitMs, options });
}

/**
 * @param {readonly string[]} wanted
 * @param {(urls: Readonly<Record<string, string>>) => Promise<void>} use
 */
async function onSharedServers(wanted, use) {
  const catalogue = services.filter((service) => wanted.includes(service.name));
  await withServices(catalogue, async ({ variables, missing }) => {
    if (missing.length > 0) process.exitCode = 1;
    else await use(Object.fromEntries(catalogue.map(({ name, urlVariable }) => [name, variables[urlVariable] ?? ''])));
  });
}
