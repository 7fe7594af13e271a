/**
 * Counters and histograms that cost an addition where they are used: who counts holds the child and looks nothing up.
 * They are turned into Prometheus' text format when somebody asks.
 */

/** One counter with its labels fixed. */
export class Counter {
  value = 0;

  increase(by = 1): void {
    this.value += by;
  }
}

/** One histogram of durations with its labels fixed. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? Infinity)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  lines(name: string, labels: string): readonly string[] {
    let total = 0;
    const separator = labels === '' ? '' : ',';
    const buckets = this.#counts.map((count, index) => {
      total += count;
      const bound = this.#bounds[index];
      return `${name}_bucket{${labels}${separator}le="${bound === undefined ? '+Inf' : String(bound)}"} ${String(total)}`;
    });
    const braces = labels === '' ? '' : `{${labels}}`;
    return [...buckets, `${name}_sum${braces} ${String(this.#sum)}`, `${name}_count${braces} ${String(total)}`];
  }
}

/** All counters of one name, or all histograms of one name, by their labels. */
export class MeterFamily<Meter extends Counter | Histogram> {
  readonly #name: string;
  readonly #help: string;
  readonly #labelNames: readonly string[];
  readonly #create: () => Meter;
  readonly #meters = new Map<string, Meter>();

  constructor(name: string, help: string, labelNames: readonly string[], create: () => Meter) {
    this.#name = name;
    this.#help = help;
    this.#labelNames = labelNames;
    this.#create = create;
  }

  /** The meter with these label values, in the order of the names. Values must come from a bounded set. */
  with(...labelValues: readonly string[]): Meter {
    const labels = this.#labelNames.map((name, index) => `${name}="${escaped(labelValues[index] ?? '')}"`).join(',');
    const known = this.#meters.get(labels);
    if (known !== undefined) return known;
    const meter = this.#create();
    this.#meters.set(labels, meter);
    return meter;
  }

  text(): string {
    const isHistogram = this.#create() instanceof Histogram;
    const lines = [...this.#meters].flatMap(([labels, meter]) =>
      meter instanceof Counter
        ? [`${this.#name}${labels === '' ? '' : `{${labels}}`} ${String(meter.value)}`]
        : meter.lines(this.#name, labels),
    );
    const head = [
      `# HELP ${this.#name} ${this.#help}`,
      `# TYPE ${this.#name} ${isHistogram ? 'histogram' : 'counter'}`,
    ];
    return [...head, ...lines, ''].join('\n');
  }
}

/** One gauge in Prometheus' text format. */
export function gaugeText(name: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${String(value)}\n`;
}

/** One counter in Prometheus' text format. */
export function counterText(name: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} counter\n${name} ${String(value)}\n`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
