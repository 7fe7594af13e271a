import type { Books, RecordedStep } from '../audit/books.js';

interface Page {
  readonly transactions: readonly { readonly gid: string; readonly status: string; readonly trans_type: string }[];
  readonly next_position: string;
}

interface Found {
  readonly transaction: { readonly result?: string };
  readonly branches: readonly {
    readonly branch_id: string;
    readonly op: string;
    readonly status: string;
    readonly bin_data?: string;
  }[];
}

type Kept = Pick<Books, 'statuses' | 'steps' | 'results'>;

/** What the store keeps, as a coordinator tells it that was started after all faults: whatever engine it is. */
export async function readKept(url: string): Promise<Kept> {
  const statuses = new Map<string, string>();
  const workflows: string[] = [];
  let position = '';
  do {
    const query = new URLSearchParams({ limit: '1000', position });
    const page = await get<Page>(`${url}/api/dtmsvr/all?${query.toString()}`);
    for (const { gid, status, trans_type: type } of page.transactions) {
      statuses.set(gid, status);
      if (type === 'workflow') workflows.push(gid);
    }
    position = page.next_position;
  } while (position !== '');
  const steps: RecordedStep[] = [];
  const results = new Map<string, string>();
  for (const gid of workflows) {
    const { transaction, branches } = await get<Found>(
      `${url}/api/dtmsvr/query?${new URLSearchParams({ gid }).toString()}`,
    );
    if (transaction.result !== undefined) results.set(gid, transaction.result);
    for (const { branch_id: branchId, op, status, bin_data: data = '' } of branches) {
      if (op !== 'resume') steps.push({ gid, branchId, op, status, data: Buffer.from(data, 'base64').toString() });
    }
  }
  return { statuses, steps, results };
}

async function get<Answer>(url: string): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
  return (await response.json()) as Answer;
}
