import { defaultPolicy } from '@tandem/coordinator';
import { limits } from '@tandem/protocol';
import { setting, type Setting } from './setting.js';
import { optional, seconds, wholeNumber } from './setting-kinds.js';

const day = 86_400;
const countMax = 1_000_000;
const { tcc, xa, workflow } = defaultPolicy.types;

/** The settings of the types whose branches and steps come while the transaction is prepared. */
export const phaseSettings = {
  tccRetryIntervalMs: setting(
    { path: 'Tcc.RetryInterval', environment: 'TANDEM_TCC_RETRY_INTERVAL' },
    optional(seconds(0.01, day), 'as RetryInterval'),
    undefined,
    'RetryInterval of TCC.',
  ),
  tccRequestTimeoutMs: setting(
    { path: 'Tcc.RequestTimeout', environment: 'TANDEM_TCC_REQUEST_TIMEOUT' },
    optional(seconds(0.01, day), 'as RequestTimeout'),
    undefined,
    'RequestTimeout of TCC.',
  ),
  tccTimeoutToFailMs: setting(
    { path: 'Tcc.TimeoutToFail', environment: 'TANDEM_TCC_TIMEOUT_TO_FAIL' },
    optional(seconds(0.01, limits.durationMsMax / 1000), 'as TimeoutToFail'),
    undefined,
    'A TCC that is neither submitted nor aborted by then is cancelled.',
  ),
  tccRunningMax: setting(
    { path: 'Tcc.Concurrency', environment: 'TANDEM_TCC_CONCURRENCY' },
    wholeNumber(1, countMax),
    tcc.runningMax,
    'Most TCCs that run at once; more wait durably.',
  ),
  xaRetryIntervalMs: setting(
    { path: 'Xa.RetryInterval', environment: 'TANDEM_XA_RETRY_INTERVAL' },
    optional(seconds(0.01, day), 'as RetryInterval'),
    undefined,
    'RetryInterval of XA.',
  ),
  xaRequestTimeoutMs: setting(
    { path: 'Xa.RequestTimeout', environment: 'TANDEM_XA_REQUEST_TIMEOUT' },
    optional(seconds(0.01, day), 'as RequestTimeout'),
    undefined,
    'RequestTimeout of XA.',
  ),
  xaTimeoutToFailMs: setting(
    { path: 'Xa.TimeoutToFail', environment: 'TANDEM_XA_TIMEOUT_TO_FAIL' },
    optional(seconds(0.01, limits.durationMsMax / 1000), 'as TimeoutToFail'),
    undefined,
    'An XA that is neither submitted nor aborted by then is rolled back.',
  ),
  xaRunningMax: setting(
    { path: 'Xa.Concurrency', environment: 'TANDEM_XA_CONCURRENCY' },
    wholeNumber(1, countMax),
    xa.runningMax,
    'Most XAs that run at once; more wait durably.',
  ),
  workflowRetryIntervalMs: setting(
    { path: 'Workflow.RetryInterval', environment: 'TANDEM_WORKFLOW_RETRY_INTERVAL' },
    optional(seconds(0.01, day), 'as RetryInterval'),
    undefined,
    'RetryInterval of workflows: how long after the prepare, or after the last recorded step, its service is called to run it again.',
  ),
  workflowResumeTimeoutMs: setting(
    { path: 'Workflow.ResumeTimeout', environment: 'TANDEM_WORKFLOW_RESUME_TIMEOUT' },
    seconds(0.01, day),
    workflow.resumeTimeoutMs,
    'How long the service of a workflow may take to run it to its end when it is called for that.',
  ),
  workflowRunningMax: setting(
    { path: 'Workflow.Concurrency', environment: 'TANDEM_WORKFLOW_CONCURRENCY' },
    wholeNumber(1, countMax),
    workflow.runningMax,
    'Most workflows whose service is being called at once; more wait durably.',
  ),
} satisfies Record<string, Setting<unknown>>;
