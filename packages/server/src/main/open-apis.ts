import type { Coordinator } from '@tandem/coordinator';
import { TandemError } from '@tandem/protocol';
import type { Store } from '@tandem/store';
import type { Config } from '../config/settings.js';
import type { GrpcServer } from '../grpc/grpc-server.js';
import { ApiServer } from '../http/api-server.js';
import { routes } from '../http/routes.js';
import { listNodes } from '../nodes/node-slots.js';
import type { CoordinatorMeter } from '../telemetry/coordinator-meter.js';
import type { Log } from '../telemetry/log.js';
import { metricsContentType, metricsText, storeMetricsText, type Gauges } from '../telemetry/metrics.js';
import type { ProcessMeter } from '../telemetry/process-meter.js';
import { reportFailures } from '../telemetry/request-failures.js';
import { grpcNames, RequestMeter } from '../telemetry/request-meter.js';
import { openGrpcApi } from './open-grpc.js';
import { version } from './version.js';

/** What a process that is one of several knows of the others. */
export interface WorkerPart {
  /** From 1. */
  readonly number: number;
  /** The metrics of all of them. */
  gatherMetrics(): Promise<string>;
  /** Takes what this process answers when it is asked for its own. */
  tells(ownMetrics: () => Promise<string>): void;
}

/** What the APIs are made of. */
export interface ApiParts {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly coordinator: Coordinator;
  readonly meter: CoordinatorMeter;
  readonly ofProcess: ProcessMeter;
  readonly readiness: { readonly isClosing: boolean };
  /** Of one among several processes. */
  readonly worker: WorkerPart | undefined;
}

export interface Apis {
  readonly api: ApiServer;
  readonly grpc: GrpcServer | undefined;
}

/** The HTTP API, and the gRPC API where the configuration wants one; they do not listen yet. */
export function openApis({ config, log, store, coordinator, meter, ofProcess, readiness, worker }: ApiParts): Apis {
  const checkReady = async (): Promise<void> => {
    if (readiness.isClosing) throw new TandemError('SHUTTING_DOWN', 'this server is shutting down');
    await store.ping();
  };
  const nodes = () => listNodes(coordinator, coordinator.now(), config.nodeGoneMs);
  const failed = reportFailures(log, meter);
  const ownMetrics = (): string =>
    metricsText({ requests: meters, coordinator: meter, ofProcess, gauges: () => readGauges(coordinator) });
  worker?.tells(() => Promise.resolve(ownMetrics()));
  const served = routes({
    verbs: coordinator,
    version,
    waitMaxMs: config.waitMaxMs,
    mutatingGets: config.mutatingGets,
    longWaitMs: config.timeoutToFailMs * 3,
    checkReady,
    nodes,
    failed,
    metrics: async () => {
      const backlog = await store.backlog(coordinator.now()).catch(() => undefined);
      const ofProcesses = worker === undefined ? ownMetrics() : await worker.gatherMetrics();
      return { status: 200, contentType: metricsContentType, body: ofProcesses + storeMetricsText(backlog) };
    },
  });
  const requests = new RequestMeter(served.map(({ template }) => template));
  const meters = [requests];
  const meterOf = (paths: readonly string[]): RequestMeter => {
    const calls = new RequestMeter(paths, grpcNames);
    meters.push(calls);
    return calls;
  };
  const grpc = openGrpcApi({ config, verbs: coordinator, nodes, checkReady, failed, meterOf });
  const api = new ApiServer({
    routes: served,
    bodyBytesMax: config.requestBytesMax,
    served: (routeIndex, status, durationMs) => {
      requests.served(routeIndex, status, durationMs);
    },
    failed,
  });
  return { api, grpc };
}

function readGauges(coordinator: Coordinator): Gauges {
  const { running, pendingWrites, writes } = coordinator.stats();
  return { running, pendingWrites, storeItems: writes.items, storeBatches: writes.batches };
}
