import { callTimeoutMs, type Connection } from '../coordinator/connection.js';
import { callParticipant } from '../participant/call-participant.js';
import type { FirstPhase, TwoPhaseOptions } from './two-phase-options.js';

/** A call of a branch from here, before the transaction is decided. */
export interface FirstPhaseCall<T> {
  readonly gid: string;
  readonly options: Pick<TwoPhaseOptions, 'branchHeaders' | 'requestTimeout'>;
  readonly branch: FirstPhase<T>;
  /** For messages: `branch "seat"`. */
  readonly owner: string;
  readonly url: string;
  readonly body: string | Uint8Array | undefined;
  /** Which branch it is, in the words of the query. */
  readonly parameters: Readonly<Record<'branch_id' | 'trans_type' | 'op', string>> & Readonly<Record<string, string>>;
}

/** What the participant answered. Throws as `callParticipant` does. */
export function callFirstPhase<T>(connection: Connection, call: FirstPhaseCall<T>): Promise<T> {
  const { gid, options, branch, owner, url, body, parameters } = call;
  return callParticipant(connection, {
    owner,
    gid,
    url,
    parameters: { dtm: connection.coordinator.apiUrl, gid, ...parameters },
    method: 'POST',
    body,
    headers: { ...options.branchHeaders, ...branch.headers },
    timeoutMs: callTimeoutMs(connection, options.requestTimeout),
    result: branch.result,
  });
}
