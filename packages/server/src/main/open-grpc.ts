import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CoordinatorVerbs } from '@tandem/coordinator';
import { limits, type ErrorCode } from '@tandem/protocol';
import { GrpcBranchCaller } from '../callers/grpc-branch-caller.js';
import type { Config } from '../config/settings.js';
import { GrpcServer, type ServerTls } from '../grpc/grpc-server.js';
import { grpcMethods } from '../grpc/methods.js';
import type { NodeView } from '../nodes/node-record.js';
import type { RequestMeter } from '../telemetry/request-meter.js';
import { StartupError } from './startup-error.js';

export interface GrpcParts {
  readonly config: Config;
  readonly verbs: CoordinatorVerbs;
  readonly nodes: () => Promise<readonly NodeView[]>;
  readonly checkReady: () => Promise<void>;
  readonly failed: (error: unknown, code: ErrorCode, route: string) => void;
  /** Makes the meter of these paths. */
  readonly meterOf: (paths: readonly string[]) => RequestMeter;
}

/** The gRPC API; undefined where the configuration wants none. Throws `StartupError` where its certificates cannot be used. */
export function openGrpcApi({ config, verbs, nodes, checkReady, failed, meterOf }: GrpcParts): GrpcServer | undefined {
  if (!config.grpc) return undefined;
  const methods = grpcMethods({ verbs, nodes, waitMaxMs: config.waitMaxMs, checkReady });
  const paths = [...methods.keys()];
  const indexes = new Map(paths.map((path, index) => [path, index]));
  const meter = meterOf(paths);
  return withCertificates('the gRPC API', () => {
    return new GrpcServer({
      methods,
      tls: serverTls(config),
      messageBytesMax: config.requestBytesMax,
      served: (path, code, durationMs) => {
        meter.served(indexes.get(path) ?? -1, code, durationMs);
      },
      failed,
    });
  });
}

/** The caller of gRPC branches. Throws `StartupError` where its certificates cannot be used. */
export function openGrpcCaller(config: Config): GrpcBranchCaller {
  return withCertificates('calls of gRPC branches', () => {
    return new GrpcBranchCaller({
      answerBytesMax: limits.answerBytesMax,
      isSecureByDefault: config.grpcBranchTls,
      tls: {
        authorities: readAuthority(config.grpcBranchAuthority),
        certificate: read(config.grpcBranchCertificate),
        key: read(config.grpcBranchKey),
      },
    });
  });
}

function serverTls(config: Config): ServerTls | undefined {
  const certificate = read(config.grpcTlsCertificate);
  const key = read(config.grpcTlsKey);
  if (certificate === undefined || key === undefined) return undefined;
  return { certificate, key, clientAuthorities: readAuthority(config.grpcTlsClientAuthority) };
}

/** Node takes a file without any certificate, and then believes nobody. */
function readAuthority(file: string | undefined): Buffer | undefined {
  const pem = read(file);
  if (pem === undefined) return undefined;
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new Error(`there is no certificate in ${String(file)}`, { cause });
  }
  return pem;
}

function read(file: string | undefined): Buffer | undefined {
  return file === undefined ? undefined : readFileSync(file);
}

function withCertificates<Part>(what: string, open: () => Part): Part {
  try {
    return open();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the certificates for ${what} cannot be used: ${reason}`, error);
  }
}
