import { limits } from '../transaction/limits.js';
import type { BranchResult } from '../transaction/machine.js';

/** The gRPC status codes that say how a branch ended; every other one leaves it open. */
const codes = { ok: 0, failedPrecondition: 9, aborted: 10 } as const;

const success: BranchResult = { kind: 'success' };

/** How a gRPC status of a participant reads; docs/protocol/answers.md has the table. `message` is the status' text. */
export function readGrpcAnswer(code: number, message: string): BranchResult {
  const reason = shortened(message) || `gRPC status ${String(code)}`;
  switch (code) {
    case codes.ok:
      return success;
    case codes.failedPrecondition:
      return { kind: 'ongoing', reason };
    case codes.aborted:
      // DTM's SDKs before 1.10 had one code for both and told them apart by this word.
      return message === 'ONGOING' ? { kind: 'ongoing', reason } : { kind: 'failure', reason };
    default:
      return { kind: 'unknown', reason: `gRPC status ${String(code)}: ${shortened(message)}` };
  }
}

function shortened(text: string): string {
  return text.length > limits.reasonCharactersMax ? text.slice(0, limits.reasonCharactersMax) : text;
}
