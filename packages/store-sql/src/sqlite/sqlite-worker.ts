/** The worker thread of the SQLite store: owns the engine, answers one request after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { callEngine } from './engine-host.js';
import { SqliteEngine } from './sqlite-engine.js';
import { encodeFault, type WorkerAnswer, type WorkerRequest, type WorkerStart } from './worker-protocol.js';
import { decodeItems, encodeResults } from './write-message.js';

const port = parentPort;
if (port === null) throw new Error('sqlite-worker runs as a worker thread only');
const { options } = workerData as WorkerStart;

let engine: SqliteEngine | undefined;
answerWith(() => {
  engine = new SqliteEngine(options);
  return { kind: 'done', value: undefined };
});
const opened = engine;
if (opened === undefined) port.close();
else port.on('message', (request: WorkerRequest) => answerWith(() => perform(opened, request)));

function answerWith(work: () => WorkerAnswer): void {
  let answer: WorkerAnswer;
  try {
    answer = work();
  } catch (error) {
    answer = { kind: 'failed', fault: encodeFault(error) };
  }
  port?.postMessage(answer);
}

function perform(engine: SqliteEngine, request: WorkerRequest): WorkerAnswer {
  switch (request.kind) {
    case 'write':
      return { kind: 'written', results: encodeResults(engine.write(decodeItems(request.items))) };
    case 'call':
      // The arguments were typed where the request was made.
      return { kind: 'done', value: callEngine(engine, request.verb, request.args as never) };
    case 'close':
      engine.close();
      return { kind: 'done', value: undefined };
  }
}
