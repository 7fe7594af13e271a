import type { IncomingHttpHeaders } from 'node:http';

const traceparent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]*)?$/;
/** Most of each that is passed on, in characters: what W3C asks everybody to pass on at least. */
const lengthsMax = { tracestate: 512, baggage: 8192 } as const;

/**
 * A body that creates a transaction, with the caller's W3C trace context among its branch headers, so that branch calls belong to
 * the caller's trace, after a restart too. A branch header of the same name goes first; what is malformed is left out. A caller
 * without a trace context gets its body back as it is, and costs nothing.
 */
export function withTraceContext(body: unknown, headers: IncomingHttpHeaders): unknown {
  const trace = traceOf(headers);
  if (trace === undefined || typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const given = (body as { readonly branch_headers?: unknown }).branch_headers ?? {};
  // What is no object is for the reader to refuse.
  if (typeof given !== 'object' || Array.isArray(given)) return body;
  const named = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const added = Object.entries(trace).filter(([name]) => !named.has(name));
  return { ...body, branch_headers: { ...given, ...Object.fromEntries(added) } };
}

function traceOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> | undefined {
  const baggage = bounded(headers, 'baggage');
  const parent = headers['traceparent'];
  if (typeof parent !== 'string' || !traceparent.test(parent)) return baggage;
  return { traceparent: parent, ...bounded(headers, 'tracestate'), ...baggage };
}

function bounded(headers: IncomingHttpHeaders, name: keyof typeof lengthsMax): Record<string, string> | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' && value.length <= lengthsMax[name] ? { [name]: value } : undefined;
}
