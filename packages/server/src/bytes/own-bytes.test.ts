import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { DtmBranchRequestSchema, DtmRequestSchema } from '../grpc/gen/dtmgimp_pb.js';
import { branchPayload, requestBody } from '../grpc/services/dtm-request.js';
import { ownBytes } from './own-bytes.js';

const payload = new TextEncoder().encode('{"a":1}');
const padding = 'x'.repeat(1_000_000);

test('a payload does not keep the message that it came in', () => {
  const branch = toBinary(
    DtmBranchRequestSchema,
    create(DtmBranchRequestSchema, { BusiPayload: payload, Data: { padding } }),
  );
  const registered = branchPayload(fromBinary(DtmBranchRequestSchema, branch));
  const message = toBinary(
    DtmRequestSchema,
    create(DtmRequestSchema, { BinPayloads: [payload], CustomedData: padding }),
  );
  const [sent] = requestBody(fromBinary(DtmRequestSchema, message)).payloads as readonly Uint8Array[];
  for (const kept of [registered, sent]) {
    expect(kept).toEqual(payload);
    expect(kept?.buffer.byteLength).toBe(payload.length);
  }
});

test('bytes that are most of their message are not copied', () => {
  const bytes = new Uint8Array(100).subarray(20);
  expect(ownBytes(bytes)).toBe(bytes);
});
