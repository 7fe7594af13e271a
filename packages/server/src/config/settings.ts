import { defaultPolicy } from '@tandem/coordinator';
import { limits } from '@tandem/protocol';
import { grpcSettings } from './grpc-settings.js';
import { nodeSettings } from './node-settings.js';
import { phaseSettings } from './phase-settings.js';
import { setting, type Setting } from './setting.js';
import { choice, decimal, httpUrl, name, optional, seconds, toggle, wholeNumber } from './setting-kinds.js';
import { storeSettings } from './store-settings.js';

const day = 86_400;
const centurySeconds = limits.durationMsMax / 1000;
const countMax = 1_000_000;
const { saga, msg } = defaultPolicy.types;
const asCommon = (path: string): string => `as ${path}`;

/** A setting that DTM does not know: its environment name starts with TANDEM_, so that it meets no other program's. */
function ours(path: string, environment: string): { readonly path: string; readonly environment: string } {
  return { path, environment: `TANDEM_${environment}` };
}

/** Every setting that Tandem uses, by its name in the resolved configuration. Times are resolved to milliseconds. */
export const settings = {
  host: setting(
    ours('Host', 'HOST'),
    name,
    '127.0.0.1',
    'Address that the servers listen on. There is no login yet and whoever reaches the port can make Tandem call any URL, so only this machine is served unless told otherwise; `0.0.0.0` serves every network interface, as DTM does.',
  ),
  httpPort: setting(
    { path: 'HttpPort' },
    wholeNumber(0, 65_535),
    36_789,
    'Port of the HTTP API. 0: any free port, printed at start.',
  ),
  ...grpcSettings,
  ...storeSettings,
  ...nodeSettings,
  retentionMs: setting(
    { path: 'Store.FinishedDataExpire' },
    seconds(0, centurySeconds),
    defaultPolicy.retentionMs,
    'Age after which a finished transaction is purged; 0: never. A repeat of a purged gid is a new transaction.',
  ),
  retryIntervalMs: setting(
    { path: 'RetryInterval' },
    seconds(0.01, day),
    saga.retry.initialMs,
    'Wait after the first unclear answer of a branch, and after every "ongoing".',
  ),
  retryFactor: setting(
    ours('RetryFactor', 'RETRY_FACTOR'),
    decimal(1, 100),
    saga.retry.factor,
    'Each further wait is this many times the one before.',
  ),
  retryIntervalMaxMs: setting(
    ours('RetryIntervalMax', 'RETRY_INTERVAL_MAX'),
    seconds(0.01, 30 * day),
    saga.retry.maxMs,
    'No wait between two attempts is longer, unless RetryInterval itself is.',
  ),
  retryJitter: setting(
    ours('RetryJitter', 'RETRY_JITTER'),
    decimal(0, 1),
    saga.retry.jitter,
    'Share of a wait that is taken off at random, so that what failed together does not come back together.',
  ),
  requestTimeoutMs: setting(
    { path: 'RequestTimeout' },
    seconds(0.01, day),
    saga.requestTimeoutMs,
    'How long one call of a branch may take, unless the transaction says otherwise (`request_timeout`).',
  ),
  timeoutToFailMs: setting(
    { path: 'TimeoutToFail' },
    seconds(0.01, centurySeconds),
    msg.timeoutToFailMs,
    'TCC and XA: rolled back when not decided by then. Message: when a prepared one is checked back for the first time. A transaction may say otherwise (`timeout_to_fail`). A saga has no time limit unless it asks for one.',
  ),
  sagaRetryIntervalMs: setting(
    ours('Saga.RetryInterval', 'SAGA_RETRY_INTERVAL'),
    optional(seconds(0.01, day), asCommon('RetryInterval')),
    undefined,
    'RetryInterval of sagas.',
  ),
  sagaRequestTimeoutMs: setting(
    ours('Saga.RequestTimeout', 'SAGA_REQUEST_TIMEOUT'),
    optional(seconds(0.01, day), asCommon('RequestTimeout')),
    undefined,
    'RequestTimeout of sagas.',
  ),
  sagaTimeoutToFailMs: setting(
    ours('Saga.TimeoutToFail', 'SAGA_TIMEOUT_TO_FAIL'),
    seconds(0, centurySeconds),
    saga.timeoutToFailMs,
    'A saga that is not done by then is rolled back; 0: no time limit.',
  ),
  sagaRunningMax: setting(
    ours('Saga.Concurrency', 'SAGA_CONCURRENCY'),
    wholeNumber(1, countMax),
    saga.runningMax,
    'Most sagas that run at once; more wait durably.',
  ),
  msgRetryIntervalMs: setting(
    ours('Msg.RetryInterval', 'MSG_RETRY_INTERVAL'),
    optional(seconds(0.01, day), asCommon('RetryInterval')),
    undefined,
    'RetryInterval of messages.',
  ),
  msgRequestTimeoutMs: setting(
    ours('Msg.RequestTimeout', 'MSG_REQUEST_TIMEOUT'),
    optional(seconds(0.01, day), asCommon('RequestTimeout')),
    undefined,
    'RequestTimeout of messages.',
  ),
  msgTimeoutToFailMs: setting(
    ours('Msg.TimeoutToFail', 'MSG_TIMEOUT_TO_FAIL'),
    optional(seconds(0.01, centurySeconds), asCommon('TimeoutToFail')),
    undefined,
    'TimeoutToFail of messages: their first back-check.',
  ),
  msgCheckIntervalMs: setting(
    ours('Msg.CheckInterval', 'MSG_CHECK_INTERVAL'),
    optional(seconds(0.01, day), asCommon('RetryInterval')),
    undefined,
    'Wait between two back-checks of a prepared message.',
  ),
  msgRunningMax: setting(
    ours('Msg.Concurrency', 'MSG_CONCURRENCY'),
    wholeNumber(1, countMax),
    msg.runningMax,
    'Most messages that run at once; more wait durably.',
  ),
  ...phaseSettings,
  runningMax: setting(
    ours('Concurrency', 'CONCURRENCY'),
    wholeNumber(1, countMax),
    defaultPolicy.runningMax,
    'Most transactions of all types that run at once; more wait durably.',
  ),
  pendingWritesMax: setting(
    ours('PendingWrites', 'PENDING_WRITES'),
    wholeNumber(1, countMax),
    defaultPolicy.pendingWritesMax,
    'Most requests that wait for the store; beyond it they are refused with 429 before anything is stored.',
  ),
  callsPerTargetMax: setting(
    ours('Target.Concurrency', 'TARGET_CONCURRENCY'),
    wholeNumber(1, 10_000),
    defaultPolicy.callsPerTargetMax,
    'Most calls under way to one target (scheme, host and port).',
  ),
  queuePerTargetMax: setting(
    ours('Target.Queue', 'TARGET_QUEUE'),
    wholeNumber(0, countMax),
    defaultPolicy.queuePerTargetMax,
    'Most calls that wait in memory for one target; beyond it transactions wait durably.',
  ),
  breakerFailures: setting(
    ours('Target.BreakerFailures', 'TARGET_BREAKER_FAILURES'),
    wholeNumber(1, countMax),
    defaultPolicy.breakerFailures,
    'Calls in a row without any answer after which a target counts as down.',
  ),
  breakerOpenMs: setting(
    ours('Target.BreakerOpen', 'TARGET_BREAKER_OPEN'),
    seconds(0.01, day),
    defaultPolicy.breakerOpenMs,
    'How long a target that is down is left alone before it is tried again.',
  ),
  waitMaxMs: setting(
    ours('WaitMax', 'WAIT_MAX'),
    seconds(0, limits.waitMsMax / 1000),
    limits.waitMsMax,
    `Longest time that a caller with wait_result is kept waiting; ${String(limits.waitMsMax / 1000)} at most.`,
  ),
  leaseMs: setting(
    ours('Lease', 'LEASE'),
    seconds(1, 3600),
    defaultPolicy.leaseMs,
    'How long a node keeps a transaction without renewing its lease.',
  ),
  leaseSkewMs: setting(
    ours('LeaseSkew', 'LEASE_SKEW'),
    seconds(0, 600),
    defaultPolicy.skewMs,
    "Part of the lease at its end that its holder does not use, for nodes' clocks that differ. Must be less than half of Lease.",
  ),
  claimIntervalMs: setting(
    { path: 'TransCronInterval' },
    seconds(0.01, 3600),
    defaultPolicy.claimIntervalMs,
    'Longest time between two looks for due transactions. What this node knows to be due is not kept waiting by it.',
  ),
  claimMax: setting(
    ours('ClaimBatch', 'CLAIM_BATCH'),
    wholeNumber(1, limits.pageMax),
    defaultPolicy.claimMax,
    'Most due transactions taken up at once.',
  ),
  purgeIntervalMs: setting(
    ours('PurgeInterval', 'PURGE_INTERVAL'),
    seconds(0.01, day),
    defaultPolicy.purgeIntervalMs,
    'Pause between two batches of the purge.',
  ),
  purgeBatch: setting(
    ours('PurgeBatch', 'PURGE_BATCH'),
    wholeNumber(1, 100_000),
    defaultPolicy.purgeBatch,
    'Most finished transactions purged at once.',
  ),
  answerMode: setting(
    ours('AnswerMode', 'ANSWER_MODE'),
    choice(['compatible', 'strict']),
    'compatible',
    'How an answer of a branch is read. `compatible`: as `strict`, but a 200 whose JSON has a `dtm_result` member is read by that member, as old DTM services expect. `strict`: by the status code alone.',
  ),
  mutatingGets: setting(
    ours('MutatingGets', 'MUTATING_GETS'),
    toggle,
    true,
    'Serve subscribe, unsubscribe and resetCronTime by GET too, as DTM does. Turn it off where nobody needs it: a link in a browser is enough to trigger a GET. POST always works.',
  ),
  requestBytesMax: setting(
    ours('RequestBytes', 'REQUEST_BYTES'),
    wholeNumber(1024, limits.requestBytesMax),
    limits.requestBytesMax,
    'Largest request body, and largest message of gRPC, in bytes; larger ones are refused with 413 and RESOURCE_EXHAUSTED.',
  ),
  shutdownGraceMs: setting(
    ours('ShutdownGrace', 'SHUTDOWN_GRACE'),
    seconds(0, 600),
    10_000,
    'How long a shutdown lets requests and branch calls end that are under way; what is left is handed over.',
  ),
  logLevel: setting(
    { path: 'LogLevel' },
    choice(['debug', 'info', 'warn', 'error', 'silent']),
    'info',
    'Least severe log lines that are written (JSON lines on standard error).',
  ),
  alertRetryLimit: setting(
    { path: 'AlertRetryLimit' },
    wholeNumber(0, countMax),
    3,
    'Unclear answers of one branch operation from which on AlertWebHook is called.',
  ),
  alertWebHook: setting(
    { path: 'AlertWebHook', isSecret: true },
    httpUrl,
    '',
    'URL that is called by POST when a branch has been tried AlertRetryLimit times in vain; docs/http-api.md (Alerts) shows the body. Empty: nobody is called.',
  ),
} satisfies Record<string, Setting<unknown>>;

/** The resolved configuration: every setting has a value, times are in milliseconds. */
export type Config = {
  readonly [Name in keyof typeof settings]: (typeof settings)[Name] extends Setting<infer Value> ? Value : never;
};
