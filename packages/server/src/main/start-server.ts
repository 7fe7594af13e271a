/**
 * The composition root: opens the store, then the coordinator on it, then the APIs, and closes them in the opposite
 * order. No branch is called before the ports are ours, and the store closes when nobody can need it any more.
 */
import { hostname } from 'node:os';
import { Coordinator, type BranchCaller } from '@tandem/coordinator';
import { limits } from '@tandem/protocol';
import { StoreError, type Store } from '@tandem/store';
import { BranchCallers } from '../callers/branch-callers.js';
import { HttpBranchCaller } from '../callers/http-branch-caller.js';
import { coordinatorPolicy } from '../config/coordinator-policy.js';
import type { Config } from '../config/settings.js';
import { shownLocation, storeLocation } from '../config/store-location.js';
import type { GrpcServer } from '../grpc/grpc-server.js';
import type { ApiServer } from '../http/api-server.js';
import { MovedWatch } from '../moving/moved-watch.js';
import { NodeRegistry } from '../nodes/node-registry.js';
import { AlertWebHook } from '../telemetry/alert-web-hook.js';
import { CoordinatorMeter } from '../telemetry/coordinator-meter.js';
import { observeCoordinator } from '../telemetry/coordinator-observer.js';
import { openLog, type Log } from '../telemetry/log.js';
import { ProcessMeter } from '../telemetry/process-meter.js';
import { shownConfig } from '../telemetry/shown-config.js';
import { openApis, type WorkerPart } from './open-apis.js';
import { openGrpcCaller } from './open-grpc.js';
import { openWhenReachable, refuseMarked } from './open-when-reachable.js';
import { listenStartupError, storeStartupError } from './startup-error.js';
import { version } from './version.js';

/** A server that runs. */
export interface RunningServer {
  /** Where its HTTP API is: `http://127.0.0.1:36789`. */
  readonly url: string;
  /** Where its gRPC API is: `127.0.0.1:36790`; undefined where it is turned off. */
  readonly grpcAddress: string | undefined;
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
  /** It is one of several processes that share its ports. */
  readonly worker?: WorkerPart;
}

/** Starts a server. Rejects with `StartupError` where the store, a certificate or the port cannot be had. */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<RunningServer> {
  const log = options.log ?? openLog(config.logLevel);
  log.info({ version, settings: shownConfig(config) }, 'starting');
  const location = storeLocation(config);
  const store = options.store ?? (await openWhenReachable(location, { waitMs: config.storeWaitMs, log }));
  try {
    return await startOn(store, config, { ...options, log });
  } catch (error) {
    // An open store would keep the process alive.
    await store.close();
    throw error;
  }
}

async function startOn(
  store: Store,
  config: Config,
  options: ServerOptions & { readonly log: Log },
): Promise<RunningServer> {
  const { log } = options;
  const location = storeLocation(config);
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
  const { worker } = options;
  const { api, grpc } = openApis({ config, log, store, coordinator, meter, ofProcess, readiness, worker });

  const registry = new NodeRegistry({
    store,
    now: () => coordinator.now(),
    heartbeatMs: config.nodeHeartbeatMs,
    goneMs: config.nodeGoneMs,
    failed: (error) => {
      log.warn({ error: String(error) }, 'the sign of life was not written');
    },
  });

  const movedWatch = new MovedWatch({
    store,
    everyMs: config.nodeHeartbeatMs,
    moved: (reason) => {
      log.fatal({ reason }, 'the store was moved away');
      options.onStoreEnded?.();
    },
  });

  const shutDown = async (): Promise<void> => {
    movedWatch.close();
    readiness.isClosing = true;
    const graceEndsAt = performance.now() + config.shutdownGraceMs;
    await Promise.all([api.close(config.shutdownGraceMs), grpc?.close(config.shutdownGraceMs)]);
    await coordinator.close(Math.max(0, graceEndsAt - performance.now()));
    await caller.close();
    await alerts.close();
    ofProcess.close();
    await registry.leave();
    await store.close();
    log.info('stopped');
  };

  try {
    // Leases are written in the time of the store's engine: nobody asks before it is known.
    await coordinator.readClock().catch((error: unknown) => {
      throw options.store === undefined ? storeStartupError(location, error) : error;
    });
    const port = await listen(api, config.host, config.httpPort, '--http-port');
    const grpcPort = grpc && (await listen(grpc, config.host, config.grpcPort, '--grpc-port'));
    const address = advertised(config.host);
    await registry.join({
      id: coordinator.id,
      http: `http://${address}:${String(port)}`,
      grpc: grpcPort === undefined ? '' : `${address}:${String(grpcPort)}`,
      host: hostname(),
      pid: process.pid,
      worker: worker?.number ?? 1,
      version,
    });
    // Visible now: whoever moves the store away has seen this node, or this node sees that.
    await refuseMarked(store, location);
    await coordinator.start();
    movedWatch.start();
    const url = `http://${shownHost(config.host)}:${String(port)}`;
    const grpcAddress = grpcPort === undefined ? undefined : `${shownHost(config.host)}:${String(grpcPort)}`;
    log.info({ url, grpc: grpcAddress, store: options.store ? undefined : shownLocation(location) }, 'ready');
    let closed: Promise<void> | undefined;
    return { url, grpcAddress, close: () => (closed ??= shutDown()) };
  } catch (error) {
    await Promise.all([api.close(0), grpc?.close(0)]);
    await coordinator.close();
    await caller.close();
    await registry.leave();
    throw error;
  }
}

function openCaller(config: Config): BranchCallers {
  const http = new HttpBranchCaller({
    answerMode: config.answerMode,
    answerBytesMax: limits.answerBytesMax,
    // A call that was given up while its connection was being opened keeps that one a little longer.
    connectionsPerTargetMax: config.callsPerTargetMax * 2,
  });
  const grpc = openGrpcCaller(config);
  const callers = { http, https: http, grpc, grpcs: grpc, dns: grpc, passthrough: grpc, direct: grpc };
  return new BranchCallers(new Map<string, BranchCaller>(Object.entries(callers)), grpc);
}

async function listen(api: ApiServer | GrpcServer, host: string, port: number, flag: string): Promise<number> {
  try {
    return await api.listen({ host, port });
  } catch (error) {
    throw listenStartupError(host, port, flag, error);
  }
}

/** A host as a URL holds it; the addresses that mean "every interface" are reached on the loopback. */
function shownHost(host: string): string {
  if (isEveryInterface(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** As other machines may reach it. */
function advertised(host: string): string {
  return isEveryInterface(host) ? hostname() : shownHost(host);
}

function isEveryInterface(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}
