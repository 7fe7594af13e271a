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
import { metricsContentType, metricsText, type Gauges } from '../telemetry/metrics.js';
import type { ProcessMeter } from '../telemetry/process-meter.js';
import { reportFailures } from '../telemetry/request-failures.js';
import { grpcNames, RequestMeter } from '../telemetry/request-meter.js';
import { openGrpcApi } from './open-grpc.js';
import { version } from './version.js';

/** What the APIs are made of. */
export interface ApiParts {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly coordinator: Coordinator;
  readonly meter: CoordinatorMeter;
  readonly ofProcess: ProcessMeter;
  readonly readiness: { readonly isClosing: boolean };
}

export interface Apis {
  readonly api: ApiServer;
  readonly grpc: GrpcServer | undefined;
}

/** The HTTP API, and the gRPC API where the configuration wants one; they do not listen yet. */
export function openApis({ config, log, store, coordinator, meter, ofProcess, readiness }: ApiParts): Apis {
  const checkReady = async (): Promise<void> => {
    if (readiness.isClosing) throw new TandemError('SHUTTING_DOWN', 'this server is shutting down');
    await store.ping();
  };
  const nodes = () => listNodes(coordinator, coordinator.now(), config.nodeGoneMs);
  const failed = reportFailures(log, meter);
  const served = routes({
    verbs: coordinator,
    version,
    waitMaxMs: config.waitMaxMs,
    mutatingGets: config.mutatingGets,
    longWaitMs: config.timeoutToFailMs * 3,
    checkReady,
    nodes,
    failed,
    metrics: async () => ({
      status: 200,
      contentType: metricsContentType,
      body: await metricsText({
        requests: meters,
        coordinator: meter,
        ofProcess,
        gauges: () => readGauges(coordinator, store),
      }),
    }),
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

async function readGauges(coordinator: Coordinator, store: Store): Promise<Gauges> {
  const { running, pendingWrites, writes } = coordinator.stats();
  const backlog = await store.backlog(coordinator.now()).catch(() => undefined);
  return { running, pendingWrites, storeItems: writes.items, storeBatches: writes.batches, backlog };
}
