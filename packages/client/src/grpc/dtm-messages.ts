/** DTM's messages and Tandem's query (docs/grpc-api.md), made of the bodies that HTTP has, and read into such. */
import { encodeBase64, encodeUtf8 } from '@tandem/protocol';
import { InvalidUse } from '../errors.js';
import { ProtobufFields } from './protobuf-reader.js';
import { ProtobufWriter } from './protobuf-writer.js';

type Body = Readonly<Record<string, unknown>>;

/** `DtmRequest`. Throws `INVALID_OPTION` for what it has no field for: better than to leave it out in silence. */
export function requestMessage(body: Body): Buffer {
  checkSayable(body);
  const options = new ProtobufWriter()
    .integer(1, body['wait_result'] === true ? 1 : 0)
    .integer(2, numberOf(body, 'timeout_to_fail'))
    .integer(3, numberOf(body, 'retry_interval'))
    .map(5, textsOf(body['branch_headers']))
    .integer(6, numberOf(body, 'request_timeout'))
    .integer(7, numberOf(body, 'retry_limit'));
  const message = new ProtobufWriter()
    .text(1, textOf(body['gid']))
    .text(2, textOf(body['trans_type']))
    .message(3, options)
    .text(4, textOf(body['custom_data']));
  const payloads = Array.isArray(body['payloads']) ? (body['payloads'] as (string | Uint8Array)[]) : [];
  for (const payload of payloads) message.bytes(5, bytesOf(payload));
  return message
    .text(6, textOf(body['query_prepared']))
    .text(7, body['steps'] === undefined ? '' : JSON.stringify(body['steps']))
    .map(8, textsOf(body['req_extra']))
    .text(9, textOf(body['rollback_reason']))
    .finish();
}

/** `DtmBranchRequest`. */
export function branchMessage(body: Body): Buffer {
  const { gid, trans_type: type, branch_id: branchId, op, data, ...rest } = body;
  return new ProtobufWriter()
    .text(1, textOf(gid))
    .text(2, textOf(type))
    .text(3, textOf(branchId))
    .text(4, textOf(op))
    .map(5, textsOf(rest))
    .bytes(6, bytesOf(data instanceof Uint8Array ? data : textOf(data)))
    .finish();
}

/** `QueryRequest`. */
export function queryMessage(gid: string): Buffer {
  return new ProtobufWriter().text(1, gid).finish();
}

/** Reads `DtmProgressesReply`. */
export function progressBody(message: Uint8Array): Body {
  const reply = new ProtobufFields(message);
  const transaction = reply.message(1);
  return {
    transaction: transaction && {
      gid: transaction.text(1),
      status: transaction.text(2),
      rollback_reason: transaction.text(3),
      result: transaction.text(4),
    },
    progresses: reply.messages(2).map((progress) => ({
      status: progress.text(1),
      bin_data: encodeBase64(progress.bytes(2)),
      branch_id: progress.text(3),
      op: progress.text(4),
    })),
  };
}

/** Reads `QueryReply`. */
export function queryBody(message: Uint8Array): Body {
  const reply = new ProtobufFields(message);
  const transaction = reply.message(1);
  return {
    transaction: transaction && {
      gid: transaction.text(1),
      trans_type: transaction.text(2),
      status: transaction.text(3),
      rollback_reason: transaction.text(9),
    },
    branches: reply.messages(2).map((branch) => ({
      branch_id: branch.text(1),
      op: branch.text(2),
      url: branch.text(3),
      status: branch.text(4),
      reason: branch.text(9),
    })),
  };
}

function checkSayable(body: Body): void {
  const retry = (body['retry'] ?? {}) as Body;
  const unsayable = [
    ['retry.factor', retry['factor'] !== undefined],
    ['retry.maxInterval', retry['max_ms'] !== undefined],
    ['retry.then', retry['then'] !== undefined],
    ['retry.limit 0', retry['limit'] === 0],
    ['checkInterval', body['check_interval_ms'] !== undefined],
    // A saga says it in its custom data.
    ['concurrent', body['concurrent'] === true && body['trans_type'] !== 'saga'],
  ] as const;
  const found = unsayable.find(([, isThere]) => isThere);
  if (found === undefined) return;
  throw new InvalidUse('INVALID_OPTION', `${found[0]}: DTM's gRPC messages have no field for it; use HTTP`);
}

function numberOf(body: Body, name: string): number {
  const value = body[name];
  return typeof value === 'number' ? value : 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries((value ?? {}) as Body);
  return Object.fromEntries(entries.map(([name, text]) => [name, textOf(text)]));
}

function bytesOf(payload: string | Uint8Array): Uint8Array {
  return typeof payload === 'string' ? encodeUtf8(payload) : payload;
}
