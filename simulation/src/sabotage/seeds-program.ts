/** Runs seeds until one fails or there are no more: `node FILE FROM COUNT`; says what came of it in one line of JSON. */
import { runSeeds } from '../cli/run-seeds.js';

const [from = 1, count = 1] = process.argv.slice(2).map(Number);

// A defect may leave a promise that nobody hears of; what it breaks is for the oracles to find.
process.on('unhandledRejection', () => undefined);

const { seeds, failure } = await runSeeds(from, count);
const kinds = failure === undefined ? [] : [...new Set(failure.problems.map(({ kind }) => kind))];
console.log(JSON.stringify({ seeds, seed: failure?.seed, kinds, text: failure?.problems[0]?.text }));
process.exit(0);
