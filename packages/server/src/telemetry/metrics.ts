import type { CoordinatorMeter } from './coordinator-meter.js';
import { counterText, gaugeText } from './meters.js';
import type { ProcessMeter } from './process-meter.js';
import type { RequestMeter } from './request-meter.js';

/** Numbers that are looked up when somebody asks for the metrics. */
export interface Gauges {
  readonly running: number;
  readonly pendingWrites: number;
  readonly storeItems: number;
  readonly storeBatches: number;
  /** Undefined while the store does not answer. */
  readonly backlog: { readonly unfinished: number; readonly overdue: number; readonly paused: number } | undefined;
}

export interface MetricSources {
  /** One for each wire. */
  readonly requests: readonly RequestMeter[];
  readonly coordinator: CoordinatorMeter;
  readonly ofProcess: ProcessMeter;
  readonly gauges: () => Promise<Gauges>;
}

/** The content type of Prometheus' text format. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** All metrics in Prometheus' text format. */
export async function metricsText({ requests, coordinator, ofProcess, gauges }: MetricSources): Promise<string> {
  const answered = requests.map((meter) => meter.text()).join('');
  return answered + coordinator.text() + gaugesText(await gauges()) + ofProcess.text();
}

function gaugesText({ running, pendingWrites, storeItems, storeBatches, backlog }: Gauges): string {
  return [
    gaugeText('tandem_transactions_running', 'Transactions that this node runs now.', running),
    gaugeText('tandem_store_writes_pending', 'Writes that wait for the store.', pendingWrites),
    counterText('tandem_store_writes_total', 'Creates and commits that the store answered.', storeItems),
    counterText('tandem_store_batches_total', 'Batches that the store answered, one sync each.', storeBatches),
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
