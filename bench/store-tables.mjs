/**
 * Results of `--store` as Markdown tables, those of one store together: `node bench/store-tables.mjs A.json B.json...` Of each store
 * the first file is what the others are compared with.
 */
import { readFileSync } from 'node:fs';
import { storeTables } from './result/store-tables.mjs';

/** @typedef {import('./result/store-tables.mjs').Result} Result */

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('use: node bench/store-tables.mjs RESULT.json...');
  process.exit(2);
}
/** @type {Result[]} */
const results = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
for (const store of new Set(results.map((result) => result.store))) {
  console.log(`\n### ${store ?? 'sqlite'}\n`);
  for (const line of storeTables(results.filter((result) => result.store === store))) console.log(line);
}
