/**
 * The process that starts the workers, and does none of their work: they share the ports that it holds, and the store.
 *
 * V1. The first worker starts alone: what keeps it from starting is told once, and the schema is brought up to date once.
 * V2. A worker that dies is started again, later each time; one that dies too often ends all, with exit code 1.
 * V3. Its own end, whatever kind, ends the workers in order: they notice that the channel to it is gone.
 * V4. A worker that does not end in time is killed, for whatever reason it was asked to: none holds up the end of all.
 */
import cluster, { type Worker } from 'node:cluster';
import type { Log } from '../telemetry/log.js';
import { MetricsGatherer } from './metrics-gatherer.js';
import { Restarts } from './restarts.js';
import { workerVariable, type ToSupervisor, type ToWorker } from './worker-messages.js';

/** Where the workers serve. */
export interface Serving {
  readonly url: string;
  readonly grpcAddress: string | undefined;
}

/** Why they do not. */
export interface Ended {
  readonly exitCode: number;
  readonly message: string | undefined;
}

interface Place {
  readonly number: number;
  readonly restarts: Restarts;
  worker: Worker | undefined;
  isReady: boolean;
  /** It has served before. */
  wasReady: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class Supervisor {
  readonly #log: Log;
  readonly #places: readonly Place[];
  readonly #gatherer = new MetricsGatherer();
  #serving: ((outcome: Serving | Ended) => void) | undefined;
  #ended: (ended: Ended) => void = () => undefined;
  #outcome: Ended | undefined;
  #isStopping = false;
  readonly #endWithinMs: number;
  #killTimer: NodeJS.Timeout | undefined;

  /** Resolves when every worker has ended for good. */
  readonly ended: Promise<Ended>;

  /** `endWithinMs`: how long a worker may take to end when it is asked to; then it is killed. */
  constructor(count: number, log: Log, endWithinMs: number) {
    this.#log = log;
    this.#endWithinMs = endWithinMs;
    this.#places = Array.from({ length: count }, (_, index) => ({
      number: index + 1,
      restarts: new Restarts(),
      worker: undefined,
      isReady: false,
      wasReady: false,
      timer: undefined,
    }));
    this.ended = new Promise((resolve) => (this.#ended = resolve));
  }

  /** Resolves when all serve, or with the reason why one does not. */
  start(): Promise<Serving | Ended> {
    return new Promise((resolve) => {
      this.#serving = resolve;
      const [first] = this.#places;
      if (first !== undefined) this.#fork(first);
    });
  }

  /** Asks all to end in order, and kills those that do not in time. */
  stop(): void {
    this.#isStopping = true;
    this.#killTimer ??= setTimeout(() => {
      this.kill();
    }, this.#endWithinMs);
    for (const place of this.#places) {
      clearTimeout(place.timer);
      send(place.worker, { kind: 'shutDown' });
    }
    this.#endIfAllHave();
  }

  /** Ends all at once. */
  kill(): void {
    this.#isStopping = true;
    for (const { worker } of this.#places) worker?.process.kill('SIGKILL');
  }

  #fork(place: Place): void {
    const worker = cluster.fork({ [workerVariable]: String(place.number) });
    place.worker = worker;
    place.isReady = false;
    worker.on('message', (message: ToSupervisor) => {
      this.#heard(place, worker, message);
    });
    worker.on('error', () => undefined);
    worker.once('exit', (code, signal) => {
      this.#exited(place, code, signal);
    });
    if (this.#isStopping) send(worker, { kind: 'shutDown' });
  }

  #heard(place: Place, worker: Worker, message: ToSupervisor): void {
    switch (message.kind) {
      case 'ready':
        this.#ready(place, message);
        return;
      case 'failed':
        if (!place.wasReady) this.#outcome ??= { exitCode: message.exitCode, message: message.message };
        else this.#log.error({ worker: place.number, reason: message.message }, 'a worker cannot start');
        return;
      case 'gather':
        void this.#gather().then((text) => {
          send(worker, { kind: 'gathered', id: message.id, text });
        });
        return;
      case 'metrics':
        this.#gatherer.told(message.id, place.number, message.text);
        return;
    }
  }

  #ready(place: Place, { url, grpcAddress }: Serving): void {
    place.isReady = true;
    place.wasReady = true;
    const others = this.#places.filter(({ worker, timer }) => worker === undefined && timer === undefined);
    if (!this.#isStopping && place.number === 1) for (const other of others) this.#fork(other);
    if (this.#places.every(({ isReady }) => isReady)) this.#serve({ url, grpcAddress });
  }

  #serve(outcome: Serving | Ended): void {
    this.#serving?.(outcome);
    this.#serving = undefined;
  }

  #exited(place: Place, code: number | null, signal: string | null): void {
    place.worker = undefined;
    place.isReady = false;
    if (this.#isStopping) {
      if (code !== 0) this.#outcome ??= { exitCode: 1, message: undefined };
      this.#endIfAllHave();
      return;
    }
    const delayMs = place.wasReady ? place.restarts.delayAfterDeath(performance.now()) : undefined;
    if (delayMs === undefined) {
      const why = `worker ${String(place.number)} ${place.wasReady ? 'dies too often' : 'did not start'}`;
      this.#outcome ??= { exitCode: 1, message: why };
      this.#log.fatal({ worker: place.number, code, signal }, why);
      this.stop();
      return;
    }
    this.#log.error({ worker: place.number, code, signal, delayMs }, 'a worker has died and is started again');
    place.timer = setTimeout(() => {
      place.timer = undefined;
      this.#fork(place);
    }, delayMs);
  }

  #endIfAllHave(): void {
    if (this.#places.some(({ worker }) => worker !== undefined)) return;
    clearTimeout(this.#killTimer);
    const ended = this.#outcome ?? { exitCode: 0, message: undefined };
    this.#serve(ended);
    this.#ended(ended);
  }

  #gather(): Promise<string> {
    const ready = this.#places.filter(({ isReady }) => isReady);
    return this.#gatherer.gather(
      this.#places.map(({ number }) => number),
      ready.map(({ number }) => number),
      (id) => {
        for (const { worker } of ready) send(worker, { kind: 'tellMetrics', id });
      },
    );
  }
}

function send(worker: Worker | undefined, message: ToWorker): void {
  if (worker?.isConnected() === true) worker.send(message, () => undefined);
}
