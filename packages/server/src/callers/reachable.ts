import { grpcSchemes, httpSchemes, withoutScheme, type ParseOptions, type Protocol } from '@tandem/protocol';

/** Prefixes under which gRPC resolves names; what follows is `host:port`, or several of them with commas between. */
export const resolverSchemes: readonly string[] = ['dns:///', 'passthrough:///', 'direct:///'];

const everywhere = [...httpSchemes, ...grpcSchemes];
const alsoBare = [...everywhere, ...resolverSchemes, withoutScheme];
const protocols: readonly Protocol[] = ['http', 'grpc', 'json-rpc'];

/** What the callers of this server reach, for a transaction of this protocol: but for HTTP's, gRPC branches need no scheme. */
export function reachable(protocol: unknown): Required<ParseOptions> {
  return { schemes: protocol === 'grpc' || protocol === 'json-rpc' ? alsoBare : everywhere, protocols };
}
