/** Two results side by side, as a Markdown table: `node bench/compare.mjs A.json B.json`. The ratio is A to B. */
import { readFileSync } from 'node:fs';
import { comparisonLines } from './result/print-result.mjs';

const [a, b] = process.argv.slice(2);
if (a === undefined || b === undefined) {
  console.error('use: node bench/compare.mjs A.json B.json');
  process.exit(2);
}
for (const line of comparisonLines(read(a), read(b))) console.log(line);

/** @param {string} path @returns {import('./result/print-result.mjs').Result} */
function read(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
