/** A call on its way to a service, be it the coordinator's or the user's code's. */
import type { Fault } from '../faults/fault.js';
import { addressOf } from './services.js';

export interface BranchMessage {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  /** `action of http://stock/take`. */
  readonly title: string;
  /** Which branch of which transaction. */
  readonly branch: string;
  /** Which branch operation of which transaction. */
  readonly key: string;
  readonly gid: string;
  readonly op: string;
  readonly transactionType: string;
}

/** Reads what `fetch` was called with. */
export async function branchMessage(
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<BranchMessage> {
  // Who gives up in real time is not heard: time is virtual here.
  const request = new Request(input, { ...init, signal: null });
  const body = await request.text();
  const query = new URL(request.url).searchParams;
  const read = (name: string): string => query.get(name) ?? '';
  const [gid, op, transactionType] = [read('gid'), read('op'), read('trans_type')];
  return {
    url: request.url,
    method: request.method,
    headers: request.headers,
    body: body === '' ? undefined : body,
    title: `${actOf(op, transactionType, request.method)} ${addressOf(request.url)}`,
    branch: [gid, read('branch_id')].join(' '),
    key: [gid, read('branch_id'), op].join(' '),
    gid,
    op,
    transactionType,
  };
}

export function requestOf({ url, method, headers, body }: BranchMessage): Request {
  return new Request(url, { method, headers, ...(body !== undefined && { body }) });
}

const branchOps: readonly string[] = ['action', 'compensate', 'try', 'confirm', 'cancel', 'commit', 'rollback'];

function actOf(op: string, transactionType: string, method: string): string {
  if (op === 'msg') return 'back-check at';
  if (branchOps.includes(op)) return `${op} of`;
  if (transactionType === 'workflow') return `resume of workflow "${op}" at`;
  return `${method} of`;
}

const onTheWay: readonly Fault[] = ['lost', 'answer lost', 'twice', 'again', 'late'];

/** What may go wrong with it; `fromCode`: the user's code sends it, and not the coordinator. */
export function faultsOf({ op, transactionType }: BranchMessage, fromCode: boolean): readonly Fault[] {
  const deaths: readonly Fault[] = fromCode
    ? ['process dies before', 'process dies after', 'dies and repeats before', 'dies and repeats after']
    : ['coordinator dies before', 'coordinator dies after'];
  return [...deaths, ...onTheWay, ...refusals(op, transactionType)];
}

/** Only what may refuse is made to: others must succeed in the end. */
function refusals(op: string, transactionType: string): readonly Fault[] {
  if (op === 'try' || (op === 'action' && transactionType === 'xa')) return ['refused'];
  return op === 'action' && ['saga', 'workflow'].includes(transactionType) ? ['refused', 'refused and late'] : [];
}
