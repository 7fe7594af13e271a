import { durationMs, durationSeconds, type Duration } from '../duration.js';
import { checkNames, type OptionNames } from '../option-names.js';

/** How often and how long branches are called again that gave no clear answer. Defaults are the coordinator's. */
export interface RetryOptions {
  /** The first pause, and the one after every "ongoing". Default 10 s. */
  readonly interval?: Duration;
  /** Saga: after so many repeats of an action, roll back. Default: never, an outage is waited out. */
  readonly limit?: number;
  /** Each further pause is so many times the one before. DTM's server always doubles. */
  readonly factor?: number;
  /** No pause is longer. DTM's server has no such limit. */
  readonly maxInterval?: Duration;
  /** What happens when the limit is used up. DTM's server always rolls back. */
  readonly then?: 'rollback' | 'pause' | 'fail';
}

/** What sagas and messages have in common. DTM's server knows whole seconds only, and gets times rounded up. */
export interface TransactionOptions {
  /** The transaction's name, unique for ever: an order's id, for one. Default: a new UUID. */
  readonly gid?: string;
  /** Call the steps side by side. Default: one after the other. */
  readonly concurrent?: boolean;
  /** How long one call of a branch may take. Default: the coordinator's (3 s). */
  readonly requestTimeout?: Duration;
  /** How branches without a clear answer are called again. Default: the coordinator's (after 10 s, then less and less often, 5 min apart at most). */
  readonly retry?: RetryOptions;
  /** Headers that every call of a branch carries. */
  readonly branchHeaders?: Readonly<Record<string, string>>;
}

export const transactionNames: OptionNames<TransactionOptions> = {
  gid: true,
  concurrent: true,
  requestTimeout: true,
  retry: true,
  branchHeaders: true,
};
const retryNames: OptionNames<RetryOptions> = {
  interval: true,
  limit: true,
  factor: true,
  maxInterval: true,
  then: true,
};

type Wire = Readonly<Record<string, unknown>>;

/** The options as the wire spells them. Absent ones are left out. */
export function wireOptions(options: TransactionOptions): Wire {
  return {
    concurrent: options.concurrent === true,
    ...wireDuration('request_timeout', 'requestTimeout', options.requestTimeout),
    ...(options.retry && wireRetry(options.retry)),
    ...(options.branchHeaders && { branch_headers: options.branchHeaders }),
  };
}

/** A time twice: in whole seconds for DTM's server, and to the millisecond under the name that Tandem puts before it. */
export function wireDuration(member: string, option: string, duration: Duration | undefined): Wire {
  if (duration === undefined) return {};
  return { [member]: durationSeconds(option, duration), [`${member}_ms`]: durationMs(option, duration) };
}

function wireRetry(retry: RetryOptions): Wire {
  checkNames('retry', retry, retryNames);
  const { interval, limit, factor, maxInterval, then } = retry;
  return {
    ...(interval && { retry_interval: durationSeconds('retry.interval', interval) }),
    ...(limit !== undefined && { retry_limit: limit }),
    retry: {
      ...(interval && { initial_ms: durationMs('retry.interval', interval) }),
      ...(maxInterval && { max_ms: durationMs('retry.maxInterval', maxInterval) }),
      ...(limit !== undefined && { limit }),
      ...(factor !== undefined && { factor }),
      ...(then && { then }),
    },
  };
}
