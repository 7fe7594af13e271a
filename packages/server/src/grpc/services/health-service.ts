import { create, toBinary } from '@bufbuild/protobuf';
import { GrpcStatusError } from '../error-status.js';
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
  HealthCheckResponseSchema,
} from '../gen/grpc/health/v1/health_pb.js';
import type { MessageSink, OpenedStream } from '../method.js';
import { statusCode } from '../wire/status-code.js';
import { decodeMessage, pathOf, unary, type MethodEntry } from './method-table.js';

const watchIntervalMs = 5_000;

/** gRPC's health checking, as load balancers and Kubernetes ask for it. `checkReady` rejects while no work can be taken. */
export function healthService(
  serviceNames: readonly string[],
  checkReady: () => Promise<void>,
): readonly MethodEntry[] {
  const statusNow = async (service: string): Promise<ServingStatus> => {
    if (service !== '' && !serviceNames.includes(service)) return ServingStatus.SERVICE_UNKNOWN;
    return checkReady().then(
      () => ServingStatus.SERVING,
      () => ServingStatus.NOT_SERVING,
    );
  };
  return [
    unary(Health.method.check, async ({ service }) => {
      const status = await statusNow(service);
      if (status !== ServingStatus.SERVICE_UNKNOWN) return { status };
      throw new GrpcStatusError({ code: statusCode.notFound, message: 'there is no such service' });
    }),
    [pathOf(Health.method.watch), { kind: 'stream', open: (sink) => new HealthWatch(sink, statusNow) }],
  ];
}

/** Tells a status when it is first asked, and whenever it has changed. */
class HealthWatch implements OpenedStream {
  readonly #sink: MessageSink;
  readonly #statusNow: (service: string) => Promise<ServingStatus>;
  #told: ServingStatus | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(sink: MessageSink, statusNow: (service: string) => Promise<ServingStatus>) {
    this.#sink = sink;
    this.#statusNow = statusNow;
  }

  message(request: Uint8Array): void {
    const { service } = decodeMessage(HealthCheckRequestSchema, request);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#look(service), watchIntervalMs);
    void this.#look(service);
  }

  ended(): void {
    if (this.#timer === undefined) this.#sink.end();
  }

  closed(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  async #look(service: string): Promise<void> {
    const status = await this.#statusNow(service);
    if (this.#isClosed || status === this.#told) return;
    this.#told = status;
    this.#sink.send(toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status })));
  }
}
