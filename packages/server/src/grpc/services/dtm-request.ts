import { TandemError } from '@tandem/protocol';
import { ownBytes } from '../../bytes/own-bytes.js';
import type { DtmBranchRequest, DtmRequest } from '../gen/dtmgimp_pb.js';

/** A request as the same body that HTTP has, so that both are read by one reader; payloads stay bytes. */
export function requestBody(request: DtmRequest): Readonly<Record<string, unknown>> {
  const options = request.TransOptions;
  return {
    gid: request.Gid,
    trans_type: request.TransType,
    protocol: 'grpc',
    steps: stepsOf(request.Steps),
    payloads: request.BinPayloads.map(ownBytes),
    custom_data: request.CustomedData,
    query_prepared: request.QueryPrepared,
    req_extra: request.ReqExtra,
    rollback_reason: request.RollbackReason,
    wait_result: options?.WaitResult ?? false,
    timeout_to_fail: Number(options?.TimeoutToFail ?? 0n),
    retry_interval: Number(options?.RetryInterval ?? 0n),
    request_timeout: Number(options?.RequestTimeout ?? 0n),
    retry_limit: Number(options?.RetryLimit ?? 0n),
    branch_headers: options?.BranchHeaders ?? {},
  };
}

/** A branch as HTTP's body has it; its payload goes beside. */
export function branchBody(request: DtmBranchRequest): Readonly<Record<string, unknown>> {
  return {
    op: request.Op,
    ...request.Data,
    gid: request.Gid,
    trans_type: request.TransType,
    branch_id: request.BranchID,
  };
}

/** What a registered branch is sent, or a step has answered. */
export function branchPayload(request: DtmBranchRequest): Uint8Array {
  return ownBytes(request.BusiPayload);
}

/** DTM's Go SDK writes a list that it does not have as `null`. */
function stepsOf(json: string): unknown {
  if (json === '') return undefined;
  try {
    return JSON.parse(json);
  } catch {
    throw new TandemError('INVALID_JSON', 'Steps must be a JSON list');
  }
}
