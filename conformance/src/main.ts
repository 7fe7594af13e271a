/**
 * Runs the suite against a server that is already there, and prints how it showed itself.
 *
 *   npm run conformance -- --http URL [--grpc HOST:PORT] [--only TEXT] [--json] [--record dtm|tandem]
 *   npm run conformance -- --write-docs        the table in docs/conformance.md, from the recorded runs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allCases } from './cases/all-cases.js';
import { differenceTable, withTable } from './report/differences.js';
import { readRecording, recordingOf, writeRecording } from './report/recorded-run.js';
import { resultTable } from './report/result-table.js';
import { runCases } from './run-cases.js';
import { wiresOf } from './scene.js';

const { values } = parseArgs({
  options: {
    http: { type: 'string' },
    grpc: { type: 'string' },
    only: { type: 'string', default: '' },
    record: { type: 'string' },
    json: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
  },
});

if (values['write-docs']) writeDocs();
else if (values.http === undefined) misused('--http URL is missing');
else await run(values.http, values.grpc);

async function run(http: string, grpc: string | undefined): Promise<void> {
  const { record } = values;
  if (record !== undefined && record !== 'dtm' && record !== 'tandem') {
    misused('--record takes dtm or tandem');
    return;
  }
  const cases = allCases.filter(({ id }) => id.includes(values.only));
  const wires = wiresOf({ http, grpc });
  const observations = await runCases({ cases, wires, concurrency: 16 });
  wires.grpc?.close();
  if (record !== undefined) writeRecording(recordingOf(record), observations);
  console.log(values.json ? JSON.stringify(observations, undefined, 2) : resultTable(cases, observations));
  process.exitCode = observations.some(({ likeness }) => likeness === 'neither') ? 1 : 0;
}

function writeDocs(): void {
  const path = fileURLToPath(new URL('../../docs/conformance.md', import.meta.url));
  const table = differenceTable(allCases, readRecording(recordingOf('dtm')), readRecording(recordingOf('tandem')));
  writeFileSync(path, withTable(readFileSync(path, 'utf8'), table));
}

function misused(what: string): void {
  console.error(`conformance: ${what}`);
  process.exitCode = 2;
}
