/**
 * A transaction as a query shows it: DTM's members and their meaning (absent where empty), and beside them ours, which DTM
 * does not have: why it waits or is paused, and how often a branch was tried. A reason is told here and never in the answers
 * of submit, prepare or abort: SDKs look for the word FAILURE there.
 */
import type { Definition, TransactionOptions } from '../transaction/definition.js';
import type { BranchView } from '../transaction/machine.js';
import type { Head } from '../transaction/transaction.js';
import { encodeBase64 } from './base64.js';
import { bytesOf } from './same-bytes.js';

/** What a view is made of. */
export interface ViewSource {
  readonly gid: string;
  readonly definition: Definition;
  readonly head: Head;
  /** When somebody will look at it next; undefined: never. */
  readonly dueAt: number | undefined;
  readonly leaseOwner: string;
  /** What a finished workflow answered, as its code sent it. */
  readonly result?: string;
}

/** Plain data, ready for `JSON.stringify`. */
export type JsonView = Readonly<Record<string, unknown>>;

/** One transaction without its branches: an entry of a listing, and `transaction` of a query. */
export function transactionView(source: ViewSource): JsonView {
  const { definition, head } = source;
  return present({
    id: 0,
    create_time: timeOf(head.createdAt),
    update_time: timeOf(head.updatedAt),
    gid: source.gid,
    trans_type: definition.type,
    status: head.status,
    query_prepared: definition.queryPrepared,
    protocol: definition.protocol,
    finish_time: head.status === 'succeed' ? timeOf(head.finishedAt) : undefined,
    rollback_time: head.status === 'failed' ? timeOf(head.finishedAt) : undefined,
    rollback_reason: head.state.reason,
    result: source.result,
    options: JSON.stringify(optionsOf(definition)),
    custom_data: definition.customData,
    next_cron_time: timeOf(source.dueAt),
    owner: source.leaseOwner,
    concurrent: definition.isConcurrent,
    is_paused: head.isPaused,
    pause_reason: head.state.pauseReason,
    is_forced: head.state.isForced,
    submit_time: head.state.submittedAt === 0 ? undefined : timeOf(head.state.submittedAt),
    delay_ms: head.state.delayMs === 0 ? undefined : head.state.delayMs,
  });
}

/** One branch operation: an entry of `branches` of a query. `id` counts from 1, as DTM's rows do. */
export function branchView(source: ViewSource, branch: BranchView, id: number): JsonView {
  const { row } = branch;
  return present({
    id,
    create_time: timeOf(source.head.createdAt),
    update_time: timeOf(row?.updatedAt ?? source.head.createdAt),
    gid: source.gid,
    url: branch.url,
    bin_data: encodeBase64(bytesOf(branch.payload)),
    branch_id: branch.branchId,
    op: branch.op,
    status: branch.status,
    finish_time: row === undefined || row.status === 'prepared' ? undefined : timeOf(row.updatedAt),
    attempts: row?.attempts,
    next_attempt_time: row?.status === 'prepared' ? timeOf(row.nextAttemptAt) : undefined,
    reason: row?.reason,
  });
}

/** The answer of a query; DTM tells an unknown gid by a null transaction. */
export function queryView(source: (ViewSource & { readonly branches: readonly BranchView[] }) | undefined): JsonView {
  if (source === undefined) return { transaction: null, branches: [] };
  const branches = source.branches.map((branch, index) => branchView(source, branch, index + 1));
  return { transaction: transactionView(source), branches };
}

/** What a workflow's view is made of. */
export interface WorkflowSource {
  readonly gid: string;
  readonly head: Head;
  /** Its name and its input, as DTM's SDKs write them: whoever begins it once more sees whether it is his. */
  readonly customData: string;
  readonly result: string;
  /** What is recorded, in the order of recording. */
  readonly steps: readonly BranchView[];
}

/** The answer of prepareWorkflow: how far the workflow is or how it ended, and what its code has recorded. */
export function workflowView({ gid, head, customData, result, steps }: WorkflowSource): JsonView {
  const transaction = present({
    gid,
    trans_type: 'workflow',
    status: head.status,
    rollback_reason: head.state.reason,
    result,
    custom_data: customData,
    create_time: timeOf(head.createdAt),
    update_time: timeOf(head.updatedAt),
  });
  const progresses = steps.map(({ branchId, op, status, payload }) => {
    return { branch_id: branchId, op, status, bin_data: encodeBase64(bytesOf(payload)) };
  });
  return { transaction, progresses };
}

/** DTM's options in its units, with ours in theirs; header values can be secrets, so only their names are shown. */
function optionsOf({ isConcurrent, options }: Definition): JsonView {
  const headers = Object.keys(options.branchHeaders);
  return present({
    wait_result: options.waitResult || undefined,
    timeout_to_fail: secondsOf(options.timeoutToFailMs),
    request_timeout: secondsOf(options.requestTimeoutMs),
    retry_interval: secondsOf(options.retry.initialMs),
    check_interval: secondsOf(options.checkIntervalMs),
    branch_method: options.branchMethod,
    branch_headers: headers.length === 0 ? undefined : Object.fromEntries(headers.map((name) => [name, '***'])),
    concurrent: isConcurrent,
    retry_limit: options.retry.limit,
    retry: Object.keys(options.retry).length === 0 ? undefined : retryOf(options),
  });
}

function retryOf({ retry }: TransactionOptions): JsonView {
  return present({
    initial_ms: retry.initialMs,
    factor: retry.factor,
    max_ms: retry.maxMs,
    jitter: retry.jitter,
    limit: retry.limit,
    then: retry.then,
  });
}

function secondsOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

function timeOf(ms: number | undefined): string | undefined {
  // eslint-disable-next-line no-restricted-globals -- writes a given time down, and reads no clock
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** DTM leaves empty members out. */
function present(members: JsonView): JsonView {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== ''));
}
