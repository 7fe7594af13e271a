import type { CoordinatorMeter } from './coordinator-meter.js';
import { counterText, gaugeText } from './meters.js';
import type { ProcessMeter } from './process-meter.js';
import type { RequestMeter } from './request-meter.js';

/** Numbers of this process that are looked up when somebody asks for the metrics. */
export interface Gauges {
  readonly running: number;
  readonly pendingWrites: number;
  readonly storeItems: number;
  readonly storeBatches: number;
}

/** What the store holds; the same whichever process asks. Undefined while the store does not answer. */
export type StoreGauges =
  { readonly unfinished: number; readonly overdue: number; readonly paused: number } | undefined;

export interface MetricSources {
  /** One for each wire. */
  readonly requests: readonly RequestMeter[];
  readonly coordinator: CoordinatorMeter;
  readonly ofProcess: ProcessMeter;
  readonly gauges: () => Gauges;
}

/** The content type of Prometheus' text format. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** The metrics of this process in Prometheus' text format. */
export function metricsText({ requests, coordinator, ofProcess, gauges }: MetricSources): string {
  const answered = requests.map((meter) => meter.text()).join('');
  return answered + coordinator.text() + gaugesText(gauges()) + ofProcess.text();
}

function gaugesText({ running, pendingWrites, storeItems, storeBatches }: Gauges): string {
  return [
    gaugeText('tandem_transactions_running', 'Transactions that this node runs now.', running),
    gaugeText('tandem_store_writes_pending', 'Writes that wait for the store.', pendingWrites),
    counterText('tandem_store_writes_total', 'Creates and commits that the store answered.', storeItems),
    counterText('tandem_store_batches_total', 'Batches that the store answered, one sync each.', storeBatches),
  ].join('');
}

/** The metrics of the store. */
export function storeMetricsText(backlog: StoreGauges): string {
  return [
    gaugeText('tandem_store_up', 'Whether the store answers.', backlog === undefined ? 0 : 1),
    ...(backlog === undefined
      ? []
      : [
          gaugeText('tandem_transactions_unfinished', 'Transactions that have not ended.', backlog.unfinished),
          gaugeText('tandem_transactions_overdue', 'Unfinished ones that should have been taken up.', backlog.overdue),
          gaugeText('tandem_transactions_on_hold', 'Unfinished ones that are paused.', backlog.paused),
        ]),
  ].join('');
}
