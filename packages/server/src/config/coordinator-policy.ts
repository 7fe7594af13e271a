import type { CoordinatorPolicy, TypePolicy } from '@tandem/coordinator';
import { defaultPolicy } from '@tandem/coordinator';
import type { RetryPolicy } from '@tandem/protocol';
import type { Config } from './settings.js';

/** The coordinator's limits and policies as the configuration says. */
export function coordinatorPolicy(config: Config): CoordinatorPolicy {
  return {
    types: {
      saga: sagaPolicy(config),
      msg: msgPolicy(config),
      tcc: tccPolicy(config),
      xa: xaPolicy(config),
      workflow: workflowPolicy(config),
    },
    leaseMs: config.leaseMs,
    skewMs: config.leaseSkewMs,
    runningMax: config.runningMax,
    pendingWritesMax: config.pendingWritesMax,
    callsPerTargetMax: config.callsPerTargetMax,
    queuePerTargetMax: config.queuePerTargetMax,
    breakerFailures: config.breakerFailures,
    breakerOpenMs: config.breakerOpenMs,
    claimMax: config.claimMax,
    claimIntervalMs: config.claimIntervalMs,
    retentionMs: config.retentionMs,
    purgeIntervalMs: config.purgeIntervalMs,
    purgeBatch: config.purgeBatch,
  };
}

function sagaPolicy(config: Config): TypePolicy {
  const defaults = defaultPolicy.types.saga;
  return {
    retry: retryPolicy(config, defaults.retry, config.sagaRetryIntervalMs),
    requestTimeoutMs: config.sagaRequestTimeoutMs ?? config.requestTimeoutMs,
    timeoutToFailMs: config.sagaTimeoutToFailMs,
    checkIntervalMs: defaults.checkIntervalMs,
    resumeTimeoutMs: defaults.resumeTimeoutMs,
    runningMax: config.sagaRunningMax,
  };
}

function msgPolicy(config: Config): TypePolicy {
  const retry = retryPolicy(config, defaultPolicy.types.msg.retry, config.msgRetryIntervalMs);
  return {
    retry,
    requestTimeoutMs: config.msgRequestTimeoutMs ?? config.requestTimeoutMs,
    timeoutToFailMs: config.msgTimeoutToFailMs ?? config.timeoutToFailMs,
    checkIntervalMs: config.msgCheckIntervalMs ?? retry.initialMs,
    resumeTimeoutMs: defaultPolicy.types.msg.resumeTimeoutMs,
    runningMax: config.msgRunningMax,
  };
}

function tccPolicy(config: Config): TypePolicy {
  const defaults = defaultPolicy.types.tcc;
  return {
    ...defaults,
    retry: retryPolicy(config, defaults.retry, config.tccRetryIntervalMs),
    requestTimeoutMs: config.tccRequestTimeoutMs ?? config.requestTimeoutMs,
    timeoutToFailMs: config.tccTimeoutToFailMs ?? config.timeoutToFailMs,
    runningMax: config.tccRunningMax,
  };
}

function xaPolicy(config: Config): TypePolicy {
  const defaults = defaultPolicy.types.xa;
  return {
    ...defaults,
    retry: retryPolicy(config, defaults.retry, config.xaRetryIntervalMs),
    requestTimeoutMs: config.xaRequestTimeoutMs ?? config.requestTimeoutMs,
    timeoutToFailMs: config.xaTimeoutToFailMs ?? config.timeoutToFailMs,
    runningMax: config.xaRunningMax,
  };
}

function workflowPolicy(config: Config): TypePolicy {
  const defaults = defaultPolicy.types.workflow;
  return {
    ...defaults,
    retry: retryPolicy(config, defaults.retry, config.workflowRetryIntervalMs),
    resumeTimeoutMs: config.workflowResumeTimeoutMs,
    runningMax: config.workflowRunningMax,
  };
}

function retryPolicy(config: Config, defaults: RetryPolicy, ownInitialMs: number | undefined): RetryPolicy {
  const initialMs = ownInitialMs ?? config.retryIntervalMs;
  return {
    ...defaults,
    initialMs,
    factor: config.retryFactor,
    maxMs: Math.max(initialMs, config.retryIntervalMaxMs),
    jitter: config.retryJitter,
  };
}
