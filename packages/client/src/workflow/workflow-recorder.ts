import { encodeBase64, encodeUtf8 } from '@tandem/protocol';
import type { Connection } from '../coordinator/connection.js';
import { RequestRefused, TransactionFailed } from '../errors.js';
import { payloadText } from '../payload.js';
import {
  readWorkflowAnswer,
  submitVerdict,
  tell,
  type EndedWorkflow,
  type WorkflowStanding,
} from '../transaction/submission.js';
import type { StepOp } from './history.js';
import { jsonOf, stepData, type StepRecord } from './step-record.js';

/** How a workflow ended. */
export type Verdict =
  | { readonly status: 'succeed'; readonly result: unknown }
  | { readonly status: 'failed'; readonly reason: string; readonly cause: unknown };

/** The verbs of one workflow at the coordinator. */
export class WorkflowRecorder {
  readonly #connection: Connection;
  readonly gid: string;

  constructor(connection: Connection, gid: string) {
    this.#connection = connection;
    this.gid = gid;
  }

  /**
   * Opens the workflow, or asks how far it is. `input`: JSON, or empty. Throws `RequestRefused` (`CONFLICTING_REPEAT`) where the gid is that of
   * another workflow, or of one that goes on with another input: its recorded steps would be taken for those of this one.
   */
  async prepare(name: string, input: string, options: Readonly<Record<string, unknown>>): Promise<WorkflowStanding> {
    const data = encodeBase64(encodeUtf8(input));
    const answer = await this.#connection.coordinator.post(
      'prepareWorkflow',
      {
        gid: this.gid,
        trans_type: 'workflow',
        protocol: 'http',
        ...options,
        custom_data: JSON.stringify({ name, data }),
      },
      { gid: this.gid },
    );
    const standing = readWorkflowAnswer(answer, this.gid);
    this.#checkSame(standing, name, data);
    return standing;
  }

  /** By gRPC, and by older servers, nothing is told that could be compared. */
  #checkSame({ status, customData }: WorkflowStanding, name: string, data: string): void {
    const stored = createdAs(customData);
    if (stored === undefined) return;
    const isSame = stored.name === name && (status !== 'prepared' || stored.data === data);
    if (isSame) return;
    const other = stored.name === name ? 'with another input' : `as workflow "${String(stored.name)}"`;
    throw new RequestRefused(409, 'CONFLICTING_REPEAT', `${this.gid} exists ${other}`, this.gid);
  }

  /** Resolves when the step is durable. */
  async record(branchId: string, op: StepOp, step: StepRecord): Promise<void> {
    const request = { gid: this.gid, trans_type: 'workflow', branch_id: branchId, op, status: step.status };
    await tell(this.#connection, 'registerBranch', { ...request, data: stepData(step) });
  }

  async submit(verdict: Verdict): Promise<void> {
    const hasResult = verdict.status === 'succeed' && verdict.result !== undefined;
    const result = hasResult ? payloadText('the result', verdict.result) : '';
    await submitVerdict(this.#connection, {
      gid: this.gid,
      trans_type: 'workflow',
      req_extra: {
        status: verdict.status,
        rollback_reason: verdict.status === 'failed' ? verdict.reason : '',
        result: encodeBase64(encodeUtf8(result)),
      },
    });
  }

  /** What a workflow that has ended answers its callers. */
  ended(standing: EndedWorkflow): unknown {
    if (standing.status === 'failed') throw new TransactionFailed(this.gid, standing.reason);
    return jsonOf(standing.result);
  }
}

/** The name and the input that a workflow was created with; undefined: not told. */
function createdAs(customData: unknown): { readonly name?: unknown; readonly data?: unknown } | undefined {
  if (typeof customData !== 'string' || customData === '') return undefined;
  const { name, data = '' } = JSON.parse(customData) as { readonly name?: unknown; readonly data?: unknown };
  return { name, data };
}
