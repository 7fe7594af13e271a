import type { CoordinatorVerbs } from '@tandem/coordinator';
import { Dtm } from './gen/dtmgimp_pb.js';
import { Health } from './gen/grpc/health/v1/health_pb.js';
import { Tandem } from './gen/tandem/v1/tandem_pb.js';
import type { NodeView } from '../nodes/node-record.js';
import type { Methods } from './method.js';
import { dtmService } from './services/dtm-service.js';
import { healthService } from './services/health-service.js';
import { reflectionService } from './services/reflection-service.js';
import { tandemService } from './services/tandem-service.js';

export interface MethodsOptions {
  readonly verbs: CoordinatorVerbs;
  readonly nodes: () => Promise<readonly NodeView[]>;
  readonly waitMaxMs: number;
  /** Rejects while the server cannot take work. */
  readonly checkReady: () => Promise<void>;
}

const services = [Dtm, Tandem, Health];

/** The whole gRPC API. */
export function grpcMethods({ verbs, nodes, waitMaxMs, checkReady }: MethodsOptions): Methods {
  const names = services.map(({ typeName }) => typeName);
  return new Map([
    ...dtmService(verbs, waitMaxMs),
    ...tandemService(verbs, nodes),
    ...healthService(names, checkReady),
    ...reflectionService(services),
  ]);
}
