import type { Search } from './search.js';
import { message, messageDefaults, plainDefaults, saga } from './definitions.js';

/** Small transactions, one for each thing that a machine decides by. */
export const sagaSearches: Readonly<Record<string, Search>> = {
  'two steps': { definition: saga(['ac', 'ac']), defaults: plainDefaults, timeMax: 30 },
  'three steps': { definition: saga(['ac', 'ac', 'ac']), defaults: plainDefaults, attemptsMax: 1, timeMax: 20 },
  'empty URLs': { definition: saga(['c', 'a', 'ac', '']), defaults: plainDefaults, attemptsMax: 1, timeMax: 20 },
  'no steps': { definition: saga([]), defaults: plainDefaults },
  'a time limit': {
    definition: saga(['ac', 'ac'], { options: { timeoutToFailMs: 15 } }),
    defaults: plainDefaults,
    attemptsMax: 1,
    timeMax: 30,
  },
  'a limit that rolls back': limited('rollback'),
  'a limit that pauses': limited('pause'),
  'a limit that fails': limited('fail'),
  concurrent: {
    definition: saga(['ac', 'ac'], { isConcurrent: true }),
    defaults: plainDefaults,
    attemptsMax: 1,
    timeMax: 20,
  },
  'concurrent with orders': {
    definition: saga(['ac', 'ac', 'ac'], { isConcurrent: true, orders: { 2: [0, 1] } }),
    defaults: plainDefaults,
    attemptsMax: 0,
    timeMax: 10,
  },
  'concurrent through an empty step': {
    definition: saga(['ac', '', 'ac'], { isConcurrent: true, orders: { 0: [1], 1: [2] } }),
    defaults: plainDefaults,
    attemptsMax: 1,
    timeMax: 20,
  },
};

function limited(then: 'rollback' | 'pause' | 'fail'): Search {
  const definition = saga(['ac', 'ac'], { options: { retry: { limit: 1, then } } });
  return { definition, defaults: plainDefaults, timeMax: 30 };
}

export const messageSearches: Readonly<Record<string, Search>> = {
  'submitted at once': { definition: message(['http://a', 'http://b']), defaults: messageDefaults, timeMax: 30 },
  prepared: {
    definition: message(['http://a']),
    defaults: messageDefaults,
    opening: { intent: 'prepare' },
    timeMax: 75,
  },
  concurrent: {
    definition: message(['http://a', 'http://b'], { isConcurrent: true }),
    defaults: messageDefaults,
    attemptsMax: 1,
    timeMax: 20,
  },
  'with an async step': {
    definition: message(['http://a', 'http://b&', 'http://c']),
    defaults: messageDefaults,
    attemptsMax: 1,
    timeMax: 20,
  },
  delayed: { definition: message(['http://a']), defaults: messageDefaults, opening: { delayMs: 20 }, timeMax: 50 },
  'prepared with a delay': {
    definition: message(['http://a']),
    defaults: messageDefaults,
    opening: { intent: 'prepare', delayMs: 20 },
    timeMax: 75,
  },
  'with a limit': {
    definition: message(['http://a', 'http://b'], { options: { retry: { limit: 1 } } }),
    defaults: messageDefaults,
    timeMax: 30,
  },
  'a check with a limit': {
    definition: message(['http://a'], { options: { retry: { limit: 1 } } }),
    defaults: messageDefaults,
    opening: { intent: 'prepare' },
    timeMax: 90,
  },
  'a topic': {
    definition: message(['topic://t', ''], { subscribers: { t: ['http://x', 'http://y'] } }),
    defaults: messageDefaults,
    attemptsMax: 1,
    timeMax: 20,
  },
};
