import { message, messageDefaults } from '../support/definitions.js';
import type { Search } from './search.js';

const prepared = { intent: 'prepare' } as const;

/** Small messages, one for each thing that the machine decides by. */
export const messageCases: Readonly<Record<string, Search>> = {
  'submitted at once': { definition: message(['http://a', 'http://b']), defaults: messageDefaults, tickMs: 5 },
  prepared: { definition: message(['http://a']), defaults: messageDefaults, opening: prepared, tickMs: 5 },
  'two steps side by side': {
    definition: message(['http://a', 'http://b'], { isConcurrent: true }),
    defaults: messageDefaults,
  },
  'an async step': { definition: message(['http://a', 'http://b&', 'http://c']), defaults: messageDefaults },
  'nobody but an async step': { definition: message(['http://a&']), defaults: messageDefaults },
  'a delay': { definition: message(['http://a']), defaults: messageDefaults, opening: { delayMs: 20 }, tickMs: 5 },
  'prepared with a delay': {
    definition: message(['http://a']),
    defaults: messageDefaults,
    opening: { ...prepared, delayMs: 20 },
    tickMs: 5,
  },
  'a limit': {
    definition: message(['http://a', 'http://b'], { options: { retry: { limit: 1 } } }),
    defaults: messageDefaults,
  },
  'a check with a limit and an interval of its own': {
    definition: message(['http://a'], { options: { retry: { limit: 1 }, checkIntervalMs: 5 } }),
    defaults: messageDefaults,
    opening: prepared,
  },
  'a topic of two, and an empty step': {
    definition: message(['topic://t', ''], { subscribers: { t: ['http://x', 'http://y'] } }),
    defaults: messageDefaults,
  },
  'a topic of three side by side': {
    definition: message(['topic://t'], {
      subscribers: { t: ['http://x', 'http://y', 'http://z'] },
      isConcurrent: true,
    }),
    defaults: messageDefaults,
  },
  'topics of two and one, prepared': {
    definition: message(['topic://t', 'topic://u&'], {
      subscribers: { t: ['http://x', 'http://y'], u: ['http://z'] },
    }),
    defaults: messageDefaults,
    opening: prepared,
  },
  'three out of step': {
    definition: message(['http://a', 'http://b&', 'http://c'], { isConcurrent: true }),
    defaults: messageDefaults,
    tickMs: 5,
    depth: 1,
  },
  'four side by side with a limit': {
    definition: message(['http://a', 'http://b', 'http://c&', 'http://d'], {
      isConcurrent: true,
      options: { retry: { limit: 1 } },
    }),
    defaults: messageDefaults,
    depth: 2,
  },
};
