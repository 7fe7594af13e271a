import { Counter, Histogram, MeterFamily } from './meters.js';

const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How one wire's metrics are called. */
export interface RequestNames {
  readonly prefix: string;
  readonly title: string;
  /** The label that tells requests apart. */
  readonly route: string;
}

const httpNames: RequestNames = { prefix: 'tandem_http', title: 'HTTP requests', route: 'route' };

/** gRPC's, by path and status code. */
export const grpcNames: RequestNames = { prefix: 'tandem_grpc', title: 'gRPC calls', route: 'method' };

/** Requests by route template and status, and how long they took. */
export class RequestMeter {
  readonly #templates: readonly string[];
  readonly #total: MeterFamily<Counter>;
  readonly #duration: MeterFamily<Histogram>;
  readonly #counters = new Map<number, Counter>();
  readonly #histograms: Histogram[] = [];

  /** `templates` are the routes' in their order; what matches none counts as "other". */
  constructor(templates: readonly string[], { prefix, title, route }: RequestNames = httpNames) {
    this.#templates = templates;
    const labels = [route, 'status'];
    this.#total = new MeterFamily(`${prefix}_requests_total`, `${title} answered.`, labels, () => new Counter());
    this.#duration = new MeterFamily(
      `${prefix}_request_duration_seconds`,
      'Time from the head of a request to its answer.',
      [route],
      () => new Histogram(durationBounds),
    );
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
