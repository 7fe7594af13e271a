/**
 * Submits sagas by gRPC over one connection, as DTM's Go SDK does, so many in flight, and prints one line of JSON.
 * Arguments: the server's address, the participants' address, steps, in flight, seconds.
 */
import { connect } from 'node:http2';
import { field, frame, trueField } from './grpc-wire.mjs';

const [address = '', participants = '', ...numbers] = process.argv.slice(2);
const [steps = 2, inFlight = 64, seconds = 5] = numbers.map(Number);

const names = Array.from({ length: steps }, (_, index) => index + 1);
const url = (/** @type {string} */ name) => `${participants}/bench.Bank/${name}`;
const stepList = names.map((step) => ({ action: url(`Step${step}`), compensate: url(`Undo${step}`) }));
const fixed = Buffer.concat([
  field(2, 'saga'),
  field(3, trueField(1)),
  ...names.map(() => field(5, '{"user":"alice","amount":30}')),
  field(7, JSON.stringify(stepList)),
]);
const gidPrefix = `g${process.pid.toString(36)}-${Date.now().toString(36)}-`;
const headers = {
  ':method': 'POST',
  ':path': '/dtmgimp.Dtm/Submit',
  'content-type': 'application/grpc',
  te: 'trailers',
};

const session = connect(`http://${address}`);
/** @type {number[]} */
const latenciesMs = [];
let failures = 0;
let count = 0;
const startedAt = performance.now();
const endsAt = startedAt + seconds * 1000;

function submit() {
  const sentAt = performance.now();
  if (sentAt >= endsAt) return;
  count += 1;
  const stream = session.request(headers);
  let status = '';
  const take = (/** @type {import('node:http2').IncomingHttpHeaders} */ got) => {
    status = String(got['grpc-status'] ?? status);
  };
  stream.on('response', take);
  stream.on('trailers', take);
  stream.on('error', () => undefined);
  stream.on('close', () => {
    if (status !== '0') failures += 1;
    latenciesMs.push(performance.now() - sentAt);
    submit();
  });
  stream.resume();
  stream.end(frame(Buffer.concat([field(1, gidPrefix + String(count)), fixed])));
}

for (let index = 0; index < inFlight; index += 1) submit();

await new Promise((resolve) => {
  const timer = setInterval(() => {
    if (latenciesMs.length < count || performance.now() < endsAt) return;
    clearInterval(timer);
    session.close(() => resolve(undefined));
  }, 5);
});
const tookSeconds = (performance.now() - startedAt) / 1000;
latenciesMs.sort((one, other) => one - other);
const percentile = (/** @type {number} */ share) => latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? 0;
console.log(
  JSON.stringify({
    requests: latenciesMs.length,
    refused: failures,
    seconds: tookSeconds,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    maxMs: percentile(1),
  }),
);
