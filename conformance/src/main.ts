/**
 * `npm run conformance -- --http URL [--grpc HOST:PORT] [--only TEXT] [--json] [--record FILE]`
 *
 * Runs the suite against a server that is already there, and prints how it showed itself.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allCases } from './cases/all-cases.js';
import { resultTable } from './report/result-table.js';
import { runCases } from './run-cases.js';
import { GrpcWire } from './wire/grpc-wire.js';
import { HttpWire } from './wire/http-wire.js';
import { JsonRpcWire } from './wire/json-rpc-wire.js';

const { values } = parseArgs({
  options: {
    http: { type: 'string' },
    grpc: { type: 'string' },
    only: { type: 'string', default: '' },
    record: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
if (values.http === undefined) {
  console.error('use: npm run conformance -- --http URL [--grpc HOST:PORT] [--only TEXT] [--json] [--record FILE]');
  process.exit(2);
}

const http = new HttpWire(values.http.replace(/\/$/, ''));
const grpc = values.grpc === undefined ? undefined : new GrpcWire(values.grpc);
const cases = allCases.filter(({ id }) => id.includes(values.only));
const observations = await runCases({
  cases,
  wires: { http, grpc, jsonRpc: new JsonRpcWire(http) },
  concurrency: 16,
});
grpc?.close();
const json = `${JSON.stringify(observations, undefined, 2)}\n`;
if (values.record !== undefined) writeFileSync(values.record, json);
console.log(values.json ? json : resultTable(cases, observations));
process.exitCode = observations.some(({ likeness }) => likeness === 'neither') ? 1 : 0;
