import type { DatabaseSync } from '@photostructure/sqlite';
import type { Books, RecordedStep } from './books.js';

interface StoredRow {
  readonly gid: string;
  readonly branchId: string;
  readonly op: string;
  readonly value: string;
}

/** The place of what was registered in a stored row, a JSON list: URLs, then the payload as text, or as a list of base64. */
const statusAt = 1;
const registeredAt = 7;
const payloadAt = 1;

/** What the coordinator's store keeps of workflows: every step, and how they ended. */
export function readWorkflows(database: InstanceType<typeof DatabaseSync>): Pick<Books, 'steps' | 'results'> {
  const select = `select gid, branch_id as branchId, op, value from tx_row join tx on tx.id = tx_id where type = 'workflow'`;
  const steps: RecordedStep[] = [];
  const results = new Map<string, string>();
  for (const { gid, branchId, op, value } of database.prepare(select).all() as unknown as StoredRow[]) {
    const list = JSON.parse(value) as readonly unknown[];
    const registered = list[registeredAt] as readonly unknown[] | undefined;
    if (registered === undefined) continue;
    const data = textOf(registered[payloadAt] as string | readonly [string]);
    if (op === 'resume') results.set(gid, data);
    else steps.push({ gid, branchId, op, status: String(list[statusAt]), data });
  }
  return { steps, results };
}

function textOf(payload: string | readonly [string]): string {
  return typeof payload === 'string' ? payload : Buffer.from(payload[0], 'base64').toString();
}
