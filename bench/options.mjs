/** What can be asked of the bench; README.md says what each option means. */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { embeddedStore, storeNames } from './engines/catalogue.mjs';
import { knownNames, planOf, suites } from './scenarios/catalogue.mjs';

/**
 * @typedef {object} Options
 * @property {readonly import('./scenarios/catalogue.mjs').Planned[]} planned
 * @property {string} store
 * @property {readonly number[]} connections where a suite names none
 * @property {number} seconds
 * @property {number} warmUpSeconds
 * @property {number} runs
 * @property {number} count
 * @property {string | undefined} serverCommand undefined: this tree's Tandem
 * @property {string | undefined} serverSchema a file with statements that make the server's tables
 * @property {string} serverFlags
 * @property {string | undefined} baseUrl
 * @property {string} dataRoot
 * @property {string | undefined} label
 * @property {string | undefined} out
 * @property {boolean} isProfiled
 */

/** Throws with one sentence about what is wrong. @param {readonly string[]} args @returns {Options} */
export function readOptions(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string', default: 'saga2' },
      store: { type: 'string', default: embeddedStore },
      connections: { type: 'string', default: '1,16,64,256' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      runs: { type: 'string' },
      count: { type: 'string', default: '0' },
      'server-command': { type: 'string' },
      'server-schema': { type: 'string' },
      'server-flags': { type: 'string', default: '' },
      'base-url': { type: 'string' },
      'data-root': { type: 'string', default: tmpdir() },
      label: { type: 'string' },
      out: { type: 'string' },
      profile: { type: 'boolean', default: false },
    },
  });
  const names = values.scenario.split(',');
  const unknown = names.filter((name) => !knownNames().includes(name));
  if (unknown.length > 0) throw new Error(`no scenario ${unknown.join(', ')}; there are ${knownNames().join(', ')}`);
  if (!storeNames().includes(values.store)) {
    throw new Error(`no store ${values.store}; there are ${storeNames().join(', ')}`);
  }
  const subject = { isOurs: values['server-command'] === undefined, isShared: values.store !== embeddedStore };
  const { planned, impossible } = planOf(names, subject);
  if (impossible.length > 0) throw new Error(`not with this server and store: ${impossible.join(', ')}`);
  const suite = names.map((name) => suites[name]).find((one) => one !== undefined) ?? suites['all'];
  return {
    planned,
    store: values.store,
    connections: values.connections.split(',').map((text) => numberOf('connections', text)),
    seconds: numberOf('seconds', values.seconds ?? String(suite?.defaults.seconds)),
    warmUpSeconds: numberOf('warm-up', values['warm-up'] ?? String(suite?.defaults.warmUpSeconds)),
    runs: numberOf('runs', values.runs ?? String(suite?.defaults.runs)),
    count: numberOf('count', values.count),
    serverCommand: values['server-command'],
    serverSchema: values['server-schema'],
    serverFlags: values['server-flags'],
    baseUrl: values['base-url'],
    dataRoot: values['data-root'],
    label: values.label,
    out: values.out,
    isProfiled: values.profile,
  };
}

/** @param {string} name @param {string} text */
function numberOf(name, text) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0) {
    throw new Error(`--${name} takes whole numbers, not ${JSON.stringify(text)}`);
  }
  return value;
}
