import { Counter, Histogram, MeterFamily } from './meters.js';

const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Requests by route template and status, and how long they took. */
export class RequestMeter {
  readonly #templates: readonly string[];
  readonly #total = new MeterFamily(
    'tandem_http_requests_total',
    'HTTP requests answered.',
    ['route', 'status'],
    () => new Counter(),
  );
  readonly #duration = new MeterFamily(
    'tandem_http_request_duration_seconds',
    'Time from the head of a request to its answer.',
    ['route'],
    () => new Histogram(durationBounds),
  );
  readonly #counters = new Map<number, Counter>();
  readonly #histograms: Histogram[] = [];

  /** `templates` are the routes' in their order; what matches none counts as "other". */
  constructor(templates: readonly string[]) {
    this.#templates = templates;
  }

  served(routeIndex: number, status: number, durationMs: number): void {
    this.#counter(routeIndex, status).increase();
    this.#histogram(routeIndex).observe(durationMs / 1000);
  }

  text(): string {
    return this.#total.text() + this.#duration.text();
  }

  #counter(routeIndex: number, status: number): Counter {
    const key = (routeIndex + 1) * 1000 + status;
    const known = this.#counters.get(key);
    if (known !== undefined) return known;
    const counter = this.#total.with(this.#template(routeIndex), String(status));
    this.#counters.set(key, counter);
    return counter;
  }

  #histogram(routeIndex: number): Histogram {
    const known = this.#histograms[routeIndex + 1];
    if (known !== undefined) return known;
    const histogram = this.#duration.with(this.#template(routeIndex));
    this.#histograms[routeIndex + 1] = histogram;
    return histogram;
  }

  #template(routeIndex: number): string {
    return this.#templates[routeIndex] ?? 'other';
  }
}
