import { isObject } from '../json.js';

/** One branch operation as the coordinator reports it. */
export interface BranchState {
  /** `01`, `02`, ...; nested in another: `0101`. */
  readonly branchId: string;
  /** `action`, `compensate`, `try`, `confirm`, ... */
  readonly op: string;
  /** Where it is called; empty: nowhere. */
  readonly url: string;
  /** `prepared` until it was called with a clear answer, then `succeed` or `failed`. */
  readonly status: string;
  /** What its last call that was not clear came to, or why it was refused. Empty: nothing to tell, or DTM's server. */
  readonly reason: string;
}

/** One transaction as the coordinator reports it. */
export interface TransactionState {
  /** Its name. */
  readonly gid: string;
  /** `saga`, `tcc`, `xa`, `msg` or `workflow`. */
  readonly type: string;
  /** `succeed` and `failed` are final; `aborting`: decided against, and being undone. */
  readonly status: 'prepared' | 'submitted' | 'aborting' | 'succeed' | 'failed';
  /** Why it failed, or is being rolled back. Empty: no reason. */
  readonly reason: string;
  /** In the coordinator's order. */
  readonly branches: readonly BranchState[];
}

type Json = Readonly<Record<string, unknown>>;

/** Reads the answer of `query`; undefined where the coordinator does not know the gid. */
export function readTransactionState(body: Json | undefined): TransactionState | undefined {
  const transaction = body?.['transaction'];
  if (!isObject(transaction)) return undefined;
  const branches = body?.['branches'];
  return {
    gid: text(transaction['gid']),
    type: text(transaction['trans_type']),
    status: text(transaction['status']) as TransactionState['status'],
    reason: text(transaction['rollback_reason']),
    branches: (Array.isArray(branches) ? branches : []).filter(isObject).map(readBranchState),
  };
}

function readBranchState(branch: Json): BranchState {
  return {
    branchId: text(branch['branch_id']),
    op: text(branch['op']),
    url: text(branch['url']),
    status: text(branch['status']),
    reason: text(branch['reason']),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
