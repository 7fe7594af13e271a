/**
 * A submit as the outbox keeps it: its request as JSON, bytes among its payloads as base64. What no coordinator would take is
 * refused while the business transaction is still open, where its author sees it.
 */
import {
  decodeBase64,
  encodeBase64,
  grpcSchemes,
  httpSchemes,
  parseTransactionRequest,
  TandemError,
  utf8Length,
} from '@tandem/protocol';
import { InvalidUse } from '../errors.js';
import type { Submittable, SubmitRequest } from '../transaction/submittable.js';

/** A batch is in memory as a whole, and one packet of MySQL or MariaDB holds 16 MiB unless set otherwise. */
export const storedBytesMax = 1024 * 1024;

/** Throws `INVALID_OPTION` or `INVALID_PAYLOAD` for what cannot be submitted. */
export function storedRequest(transaction: Submittable): string {
  const request = transaction.submitRequest();
  if (request.steps.length === 0) throw refused('a message without receivers would tell nobody: add one');
  try {
    parseTransactionRequest(request, 'submit', { schemes: [...httpSchemes, ...grpcSchemes] });
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    throw refused(`no coordinator takes ${request.trans_type} ${request.gid}: ${error.message}`, error);
  }
  const text = JSON.stringify({ ...request, payloads: request.payloads.map(storedPayload) });
  const bytes = utf8Length(text);
  if (bytes <= storedBytesMax) return text;
  const told = `${request.gid} has ${String(bytes)} bytes, and an outbox keeps ${String(storedBytesMax)} at most`;
  throw new InvalidUse('INVALID_PAYLOAD', `${told}: keep large data elsewhere and send a reference`);
}

/** Throws `INVALID_PAYLOAD` for what is no request of this outbox. */
export function restoredRequest(text: string): SubmitRequest {
  try {
    const request = JSON.parse(text) as SubmitRequest;
    return { ...request, payloads: request.payloads.map(restoredPayload) };
  } catch (error) {
    throw new InvalidUse('INVALID_PAYLOAD', 'what is stored is no request of an outbox', error);
  }
}

function storedPayload(payload: string | Uint8Array): unknown {
  return typeof payload === 'string' ? payload : { base64: encodeBase64(payload) };
}

function restoredPayload(payload: unknown): string | Uint8Array {
  if (typeof payload === 'string') return payload;
  const bytes = decodeBase64((payload as { readonly base64: string }).base64);
  if (bytes === undefined) throw new TypeError('not base64');
  return bytes;
}

function refused(told: string, cause?: unknown): InvalidUse {
  return new InvalidUse('INVALID_OPTION', told, cause);
}
