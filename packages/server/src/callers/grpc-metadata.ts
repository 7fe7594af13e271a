import type { OutgoingHttpHeaders } from 'node:http2';
import type { BranchCall } from '@tandem/coordinator';
import { formatCallTimeout } from '../grpc/wire/call-timeout.js';

const ascii = /^[\u0020-\u007e]*$/;
const reserved = /^(?:grpc-|dtm-|:|content-|te$|host$|user-agent$|connection$|keep-alive$|upgrade$|transfer-encoding$)/;

/** The headers of one call: gRPC's own, the transaction's names as DTM's SDKs read them, and the branch headers. */
export function metadataOf(call: BranchCall, authority: string, path: string): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    ':method': 'POST',
    ':authority': authority,
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'tandem',
    'grpc-timeout': formatCallTimeout(call.timeoutMs),
    'dtm-gid': wireText(call.gid),
    'dtm-trans_type': call.transactionType,
    'dtm-branch_id': call.branchId,
    'dtm-op': wireText(call.wireOp ?? call.op),
    'dtm-dtm': '',
  };
  for (const [name, value] of Object.entries(call.headers)) addHeader(headers, name.toLowerCase(), value);
  return headers;
}

/** gRPC's own names stay gRPC's; values of names in -bin travel as base64, as every gRPC library sends and reads them. */
function addHeader(headers: OutgoingHttpHeaders, name: string, value: string): void {
  if (reserved.test(name)) return;
  headers[name] = name.endsWith('-bin') ? Buffer.from(value).toString('base64').replace(/=+$/, '') : value;
}

/** Node writes headers as Latin-1; other texts go out as the bytes of their UTF-8, which servers read as such. */
function wireText(text: string): string {
  return ascii.test(text) ? text : Buffer.from(text).toString('latin1');
}
