/**
 * The composition root: opens the store, then the coordinator on it, then the HTTP API, and closes them in the opposite
 * order. No branch is called before the port is ours, and the store closes when nobody can need it any more.
 */
import { Coordinator } from '@tandem/coordinator';
import { limits, TandemError } from '@tandem/protocol';
import { StoreError, type Store } from '@tandem/store';
import { BranchCallers } from '../callers/branch-callers.js';
import { HttpBranchCaller } from '../callers/http-branch-caller.js';
import { coordinatorPolicy } from '../config/coordinator-policy.js';
import type { Config } from '../config/settings.js';
import { ApiServer } from '../http/api-server.js';
import { routes } from '../http/routes.js';
import { AlertWebHook } from '../telemetry/alert-web-hook.js';
import { CoordinatorMeter } from '../telemetry/coordinator-meter.js';
import { observeCoordinator } from '../telemetry/coordinator-observer.js';
import { openLog, type Log } from '../telemetry/log.js';
import { metricsContentType, metricsText, type Gauges } from '../telemetry/metrics.js';
import { ProcessMeter } from '../telemetry/process-meter.js';
import { reportFailures } from '../telemetry/request-failures.js';
import { RequestMeter } from '../telemetry/request-meter.js';
import { shownConfig } from '../telemetry/shown-config.js';
import { openStore } from './open-store.js';
import { listenStartupError, storeStartupError } from './startup-error.js';
import { version } from './version.js';

/** A server that runs. */
export interface RunningServer {
  /** Where its HTTP API is: `http://127.0.0.1:36789`. */
  readonly url: string;
  /** Takes no new work, lets what is being served end, hands the rest over and closes the store. Idempotent. */
  close(): Promise<void>;
}

export interface ServerOptions {
  /** Where log lines go; default: standard error. */
  readonly log?: Log;
  /** A store that is open already, for embedding; default: the one that the configuration names. */
  readonly store?: Store;
  /** The store has ended under the server and cannot come back in this process; default: readiness says so. */
  readonly onStoreEnded?: () => void;
}

/** Starts a server. Rejects with `StartupError` where the store or the port cannot be had. */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<RunningServer> {
  const log = options.log ?? openLog(config.logLevel);
  log.info({ version, settings: shownConfig(config) }, 'starting');
  const store = options.store ?? (await openMigrated(config));
  const meter = new CoordinatorMeter();
  const ofProcess = new ProcessMeter();
  const alerts = new AlertWebHook({
    url: config.alertWebHook,
    retryLimit: config.alertRetryLimit,
    failed: (error) => {
      log.warn({ error: String(error) }, 'the alert web hook failed');
    },
  });
  const caller = openCaller(config);
  const readiness = { isClosing: false };
  const observed = observeCoordinator({ meter, log, alerts });
  const coordinator = new Coordinator({
    store,
    caller,
    policy: coordinatorPolicy(config),
    events: {
      ...observed,
      storeFault: (verb, error) => {
        observed.storeFault?.(verb, error);
        if (readiness.isClosing || !(error instanceof StoreError) || error.kind !== 'closed') return;
        log.fatal({ error: String(error) }, 'the store has ended');
        options.onStoreEnded?.();
      },
    },
  });
  const api = openApi({ config, log, store, coordinator, meter, ofProcess, readiness });

  const shutDown = async (): Promise<void> => {
    readiness.isClosing = true;
    const graceEndsAt = performance.now() + config.shutdownGraceMs;
    await api.close(config.shutdownGraceMs);
    await coordinator.close(Math.max(0, graceEndsAt - performance.now()));
    await caller.close();
    await alerts.close();
    ofProcess.close();
    await store.close();
    log.info('stopped');
  };

  try {
    const port = await listen(api, config);
    await coordinator.start();
    const url = `http://${shownHost(config.host)}:${String(port)}`;
    log.info({ url, store: config.storeDriver }, 'ready');
    let closed: Promise<void> | undefined;
    return { url, close: () => (closed ??= shutDown()) };
  } catch (error) {
    await coordinator.close();
    await store.close();
    throw error;
  }
}

async function openMigrated(config: Config): Promise<Store> {
  try {
    const store = await openStore(config);
    await store.migrate();
    return store;
  } catch (error) {
    throw storeStartupError(config.dataFolder, error);
  }
}

function openCaller(config: Config): BranchCallers {
  const http = new HttpBranchCaller({
    answerMode: config.answerMode,
    answerBytesMax: limits.answerBytesMax,
    // A call that was given up while its connection was being opened keeps that one a little longer.
    connectionsPerTargetMax: config.callsPerTargetMax * 2,
  });
  return new BranchCallers(
    new Map([
      ['http', http],
      ['https', http],
    ]),
  );
}

interface ApiParts {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly coordinator: Coordinator;
  readonly meter: CoordinatorMeter;
  readonly ofProcess: ProcessMeter;
  readonly readiness: { readonly isClosing: boolean };
}

function openApi({ config, log, store, coordinator, meter, ofProcess, readiness }: ApiParts): ApiServer {
  const checkReady = async (): Promise<void> => {
    if (readiness.isClosing) throw new TandemError('SHUTTING_DOWN', 'this server is shutting down');
    await store.ping();
  };
  const served = routes({
    verbs: coordinator,
    version,
    waitMaxMs: config.waitMaxMs,
    mutatingGets: config.mutatingGets,
    longWaitMs: config.timeoutToFailMs * 3,
    checkReady,
    metrics: async () => ({
      status: 200,
      contentType: metricsContentType,
      body: await metricsText({
        requests,
        coordinator: meter,
        ofProcess,
        gauges: () => readGauges(coordinator, store),
      }),
    }),
  });
  const requests = new RequestMeter(served.map(({ template }) => template));
  return new ApiServer({
    routes: served,
    bodyBytesMax: config.requestBytesMax,
    served: (routeIndex, status, durationMs) => {
      requests.served(routeIndex, status, durationMs);
    },
    failed: reportFailures(log, meter),
  });
}

async function readGauges(coordinator: Coordinator, store: Store): Promise<Gauges> {
  const { running, pendingWrites, writes } = coordinator.stats();
  const backlog = await store.backlog(Date.now()).catch(() => undefined);
  return { running, pendingWrites, storeItems: writes.items, storeBatches: writes.batches, backlog };
}

async function listen(api: ApiServer, { host, httpPort }: Config): Promise<number> {
  try {
    return await api.listen({ host, port: httpPort });
  } catch (error) {
    throw listenStartupError(host, httpPort, error);
  }
}

/** A host as a URL holds it; the addresses that mean "every interface" are reached on the loopback. */
function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
