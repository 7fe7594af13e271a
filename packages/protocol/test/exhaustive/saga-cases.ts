import { plainDefaults, saga } from '../support/definitions.js';
import type { Search } from './search.js';

/** Small sagas, one for each thing that the machine decides by. */
export const sagaCases: Readonly<Record<string, Search>> = {
  'two steps': { definition: saga(['ac', 'ac']), defaults: plainDefaults },
  'two steps out of step with the clock': { definition: saga(['ac', 'ac']), defaults: plainDefaults, tickMs: 5 },
  'three steps': { definition: saga(['ac', 'ac', 'ac']), defaults: plainDefaults },
  'empty URLs': { definition: saga(['c', 'a', 'ac', '']), defaults: plainDefaults },
  'no steps': { definition: saga([]), defaults: plainDefaults },
  'a time limit': {
    definition: saga(['ac', 'ac'], { options: { timeoutToFailMs: 15 } }),
    defaults: plainDefaults,
    tickMs: 5,
  },
  'a limit that rolls back': limited('rollback'),
  'a limit that pauses': limited('pause'),
  'a limit that fails': limited('fail'),
  'a limit of none and a time limit': {
    definition: saga(['ac', 'ac'], { options: { timeoutToFailMs: 25, retry: { limit: 0, then: 'rollback' } } }),
    defaults: plainDefaults,
  },
  'two steps side by side': { definition: saga(['ac', 'ac'], { isConcurrent: true }), defaults: plainDefaults },
  'two steps side by side with a time limit': {
    definition: saga(['ac', 'ac'], { isConcurrent: true, options: { timeoutToFailMs: 15 } }),
    defaults: plainDefaults,
  },
  'two steps side by side with a limit that pauses': {
    definition: saga(['ac', 'ac'], { isConcurrent: true, options: { retry: { limit: 0, then: 'pause' } } }),
    defaults: plainDefaults,
  },
  'orders of three, two before one': {
    definition: saga(['ac', 'ac', 'ac'], { isConcurrent: true, orders: { 2: [0, 1] } }),
    defaults: plainDefaults,
  },
  'orders through an empty step': {
    definition: saga(['ac', '', 'ac'], { isConcurrent: true, orders: { 0: [1], 1: [2] } }),
    defaults: plainDefaults,
  },
  'orders of three, one before two': {
    definition: saga(['ac', 'ac', 'ac'], { isConcurrent: true, orders: { 1: [0], 2: [0] } }),
    defaults: plainDefaults,
    depth: 1,
  },
  'three steps side by side': {
    definition: saga(['ac', 'ac', 'ac'], { isConcurrent: true }),
    defaults: plainDefaults,
    depth: 1,
  },
  'side by side, out of step, with a limit': {
    definition: saga(['ac', 'ac'], { isConcurrent: true, options: { retry: { limit: 1, then: 'rollback' } } }),
    defaults: plainDefaults,
    tickMs: 5,
    depth: 1,
  },
  'orders of four': {
    definition: saga(['ac', 'ac', 'a', 'ac'], { isConcurrent: true, orders: { 1: [0], 2: [0], 3: [1, 2] } }),
    defaults: plainDefaults,
    depth: 2,
  },
};

function limited(then: 'rollback' | 'pause' | 'fail'): Search {
  return { definition: saga(['ac', 'ac'], { options: { retry: { limit: 1, then } } }), defaults: plainDefaults };
}
