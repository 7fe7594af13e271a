import {
  decodeBody,
  decodeHeadState,
  decodeRow,
  encodeBody,
  encodeHeadState,
  encodeRow,
  rowKey,
  type Definition,
  type Transaction,
} from '../../src/index.js';

const bodies = new WeakMap<Definition, string>();

/** The transaction as another node reads it after a crash: from its stored texts, with nothing kept beside it. */
export function readBack(tx: Transaction): Transaction {
  const body = bodies.get(tx.definition) ?? encodeBody(tx.definition);
  bodies.set(tx.definition, body);
  const rows = [...tx.rows.values()].map((row) => decodeRow(row.branchId, row.op, encodeRow(row)));
  return {
    gid: tx.gid,
    definition: decodeBody(body),
    head: { ...tx.head, state: decodeHeadState(encodeHeadState(tx.head.state)) },
    rows: new Map(rows.map((row) => [rowKey(row.branchId, row.op), row])),
  };
}
