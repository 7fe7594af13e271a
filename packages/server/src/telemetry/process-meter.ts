import { monitorEventLoopDelay, performance, type IntervalHistogram } from 'node:perf_hooks';
import { counterText, gaugeText } from './meters.js';

// Each look at the event loop wakes the process, and an idle server should sleep.
const lookEveryMs = 100;

/** CPU, memory and the event loop of this process, under the names that Prometheus clients give them. */
export class ProcessMeter {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: lookEveryMs });
  readonly #startedAtSeconds = (Date.now() - performance.now()) / 1000;

  constructor() {
    this.#delay.enable();
  }

  /** The event loop's lag is that since the last time it was asked for. */
  text(): string {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = process.memoryUsage();
    const lag = this.#lagSeconds();
    return [
      counterText('process_cpu_user_seconds_total', 'CPU time in user mode.', user / 1e6),
      counterText('process_cpu_system_seconds_total', 'CPU time in the kernel.', system / 1e6),
      counterText('process_cpu_seconds_total', 'CPU time.', (user + system) / 1e6),
      gaugeText('process_resident_memory_bytes', 'Resident memory.', rss),
      gaugeText(
        'process_start_time_seconds',
        'When the process started, in seconds since 1970.',
        this.#startedAtSeconds,
      ),
      gaugeText('nodejs_heap_size_used_bytes', 'Heap in use.', heapUsed),
      gaugeText('nodejs_external_memory_bytes', 'Memory outside the heap.', external),
      gaugeText('nodejs_eventloop_lag_mean_seconds', 'Mean delay of the event loop.', lag.mean),
      gaugeText('nodejs_eventloop_lag_p99_seconds', 'Delay of the event loop, 99th percentile.', lag.p99),
      gaugeText('nodejs_eventloop_lag_max_seconds', 'Longest delay of the event loop.', lag.max),
    ].join('');
  }

  close(): void {
    this.#delay.disable();
  }

  #lagSeconds(): { readonly mean: number; readonly p99: number; readonly max: number } {
    const overdue = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - lookEveryMs / 1000);
    const hasLooked = this.#delay.max > 0;
    const lag = {
      mean: hasLooked ? overdue(this.#delay.mean) : 0,
      p99: hasLooked ? overdue(this.#delay.percentile(99)) : 0,
      max: overdue(this.#delay.max),
    };
    this.#delay.reset();
    return lag;
  }
}
