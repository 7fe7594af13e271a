// @ts-check
// Prints the machines' tables into docs/protocol. Run after a build: node packages/protocol/scripts/print-tables.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { messageTable, sagaTable, tccTable, withTable, workflowTable, xaTable } from '@tandem/protocol';

for (const [name, table] of /** @type {const} */ ([
  ['saga', sagaTable],
  ['message', messageTable],
  ['tcc', tccTable],
  ['xa', xaTable],
  ['workflow', workflowTable],
])) {
  const path = new URL(`../../../docs/protocol/${name}.md`, import.meta.url);
  writeFileSync(path, withTable(readFileSync(path, 'utf8'), table));
}
