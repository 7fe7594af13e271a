/** Which way the arrows point. Packages are named without their scope; a `*` at the end stands for any ending. */

/** @type {readonly { from: string, to: readonly string[] }[]} the first line that fits counts */
export const arrows = [
  { from: 'protocol', to: [] },
  { from: 'store', to: ['protocol'] },
  { from: 'store-*', to: ['protocol', 'store'] },
  { from: 'coordinator', to: ['protocol', 'store'] },
  { from: 'server', to: ['protocol', 'store', 'coordinator', 'store-*'] },
  { from: 'client', to: ['protocol'] },
  // A coordinator, its store and a client in one process, for the tests of users.
  { from: 'testing', to: ['client', 'coordinator', 'protocol', 'store'] },
  { from: 'cache', to: [] },
  { from: 'console', to: ['protocol'] },
  { from: 'example-stage', to: [] },
  { from: 'example-*', to: ['client', 'example-stage'] },
  { from: 'torture', to: ['client'] },
  // A stranger to the server: it knows addresses and DTM's wires alone.
  { from: 'conformance', to: [] },
  { from: 'simulation', to: ['protocol', 'store', 'coordinator'] },
  // Whole processes from outside; past the server goes what fills a store or measures one alone, and a server with other limits.
  { from: 'bench', to: ['protocol', 'store', 'store-*', 'server'] },
];

/** Nothing from outside but Node itself, and for the first not even that: what they need comes as an argument or a peer. */
export const pure = 'protocol';
export const withoutDependencies = ['protocol', 'store', 'client'];

/** Only this package's composition root, one file, knows concrete stores by name. */
export const composer = 'server';
export const concreteStores = 'store-*';

/** @param {string} pattern @param {string} name */
export function fits(pattern, name) {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
