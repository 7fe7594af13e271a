import { setting, type Setting } from './setting.js';
import { optional, name, toggle, wholeNumber } from './setting-kinds.js';

const certificateFile = optional(name, 'none');

/** A setting that DTM does not know. */
function ours(path: string, environment: string): { readonly path: string; readonly environment: string } {
  return { path, environment: `TANDEM_${environment}` };
}

/** The settings of gRPC: of its API, and of calls to gRPC branches. Files are PEM. */
export const grpcSettings = {
  grpc: setting(
    ours('Grpc.Enabled', 'GRPC'),
    toggle,
    true,
    'Serve the gRPC API. Branches are called by gRPC either way.',
  ),
  grpcPort: setting(
    { path: 'GrpcPort' },
    wholeNumber(0, 65_535),
    36_790,
    'Port of the gRPC API, on the same address as the HTTP API. 0: any free port, printed at start.',
  ),
  grpcTlsCertificate: setting(
    ours('Grpc.TlsCertificate', 'GRPC_TLS_CERTIFICATE'),
    certificateFile,
    undefined,
    "PEM file with the gRPC API's certificate and those that lead to its authority; with `Grpc.TlsKey` it is served by TLS only.",
  ),
  grpcTlsKey: setting(
    ours('Grpc.TlsKey', 'GRPC_TLS_KEY'),
    certificateFile,
    undefined,
    'PEM file with the key of that certificate.',
  ),
  grpcTlsClientAuthority: setting(
    ours('Grpc.TlsClientAuthority', 'GRPC_TLS_CLIENT_AUTHORITY'),
    certificateFile,
    undefined,
    'PEM file with authorities: callers of the gRPC API must show a certificate that one of them has signed (mutual TLS).',
  ),
  grpcBranchTls: setting(
    ours('GrpcBranch.Tls', 'GRPC_BRANCH_TLS'),
    toggle,
    false,
    'Call gRPC branches by TLS where their URL does not say (`grpc://` never, `grpcs://` always).',
  ),
  grpcBranchAuthority: setting(
    ours('GrpcBranch.TlsAuthority', 'GRPC_BRANCH_TLS_AUTHORITY'),
    certificateFile,
    undefined,
    'PEM file with the authorities that gRPC branches are believed by, instead of those that Node knows.',
  ),
  grpcBranchCertificate: setting(
    ours('GrpcBranch.TlsCertificate', 'GRPC_BRANCH_TLS_CERTIFICATE'),
    certificateFile,
    undefined,
    'PEM file with the certificate that gRPC branches are shown (mutual TLS).',
  ),
  grpcBranchKey: setting(
    ours('GrpcBranch.TlsKey', 'GRPC_BRANCH_TLS_KEY'),
    certificateFile,
    undefined,
    'PEM file with the key of that certificate.',
  ),
} satisfies Record<string, Setting<unknown>>;
