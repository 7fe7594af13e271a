/**
 * `npm run example:NAME`: installs and builds what is missing, provides the servers that the example needs, and runs its
 * demonstration, which gets their URLs by name.
 */
import { demonstrate } from './examples/demonstrate.mjs';
import { services } from './services/catalogue.mjs';
import { withServices } from './services/with-services.mjs';
import { prepareWorkspace } from './workspace/prepare.mjs';

/** @type {Readonly<Record<string, readonly string[]>>} what each example needs */
const needs = { 'order-system': ['postgres', 'mariadb', 'redis'] };

/** With time for what is built or fetched at the first run. */
const timeLimitMs = 300_000;

const [name = ''] = process.argv.slice(2);
const wanted = needs[name];
if (wanted === undefined) {
  console.error(`example: there is ${Object.keys(needs).join(', ')}, not "${name}"`);
  process.exit(2);
}
await prepareWorkspace();
await withServices(
  services.filter((service) => wanted.includes(service.name)),
  async ({ variables, missing }) => {
    if (missing.length > 0) {
      process.exitCode = 1;
      return;
    }
    const urls = services.map((service) => [service.name, variables[service.urlVariable]]);
    await demonstrate(name, { title: name, timeLimitMs, options: { servers: Object.fromEntries(urls) } });
  },
);
