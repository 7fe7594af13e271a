/**
 * Workflows: code in a bank's process that does a saga's step, a TCC's branch and an XA's branch, records each, and ends with a
 * result. It is killed in the middle now and then; then the coordinator calls the bank, which runs the code again.
 */
import { branchHandler, BranchOngoing, newGid, type RequestHandler } from '@tandem/client';
import type { Bank } from '../bank/bank.js';
import { Complaint } from '../bank/complaint.js';
import type { Change } from '../bank/ledger.js';
import type { Random } from '../random.js';
import { branchUrl, drawBranchWire, type BankAddress } from '../wires/branch-url.js';
import { askBank, errandRoute } from './ask-bank.js';
import { Caller, drawCaller, untilWalkedAway, type CallerOrder } from './caller.js';
import { drawTransfer, effectsOf } from './draw-transfer.js';
import { tccPath } from './tcc.js';
import type { Intent, TransactionKind } from './transaction-kind.js';
import { withReceipt } from './with-receipt.js';
import { runWorkflow, type WorkflowInput, type WorkflowStep } from './workflow-code.js';
import { xaPath } from './xa.js';

const sagaPath = '/workflow/saga-step';
const resumePath = '/workflow/resume';
/** As DTM's SDKs serve it; the input comes inside a message there. */
const resumeByGrpcPath = '/workflow.Workflow/Execute';
const errand = 'workflow';

interface WorkflowOrder extends CallerOrder {
  readonly gid: string;
  readonly input: WorkflowInput;
}

const pathOf = { saga: sagaPath, tcc: tccPath, xa: xaPath } as const satisfies Record<WorkflowStep['style'], string>;

function serveSagaStep(bank: Bank): RequestHandler {
  const handler = branchHandler<Change>(async ({ payload: { account, change }, barrier, gid, branchId, op }) => {
    if (op !== 'action' && op !== 'compensate') throw new Complaint(`a step is called for ${op}`);
    const isUndo = op === 'compensate';
    const movement = { account, amount: isUndo ? -change : change };
    await bank.once(barrier, () => bank.change(movement, { gid, branchId, op }, isUndo));
  });
  return withReceipt(bank, handler);
}

/** What the coordinator calls where the code has not ended in time. Its answer decides nothing. */
function serveResume(bank: Bank): RequestHandler {
  return branchHandler<WorkflowInput>(async ({ payload, gid, op }) => {
    if (op !== 'torture') throw new Complaint(`the workflow ${op} of ${gid} is resumed here`);
    const { kind, why } = await run(bank, { gid, protocol: payload.protocol, repeats: false, input: payload });
    if (kind !== 'succeeded' && kind !== 'failed') throw new BranchOngoing(why);
  });
}

/** Takes the input out of the message `WorkflowData { bytes Data = 1; }`: a byte for the field, then the length. */
function withInputOf(resume: RequestHandler): RequestHandler {
  return async (request) => {
    const message = new Uint8Array(await request.arrayBuffer());
    const lengthEnd = message.findIndex((byte, index) => index > 0 && byte < 0x80);
    return resume(new Request(request.url, { method: 'POST', body: message.subarray(lengthEnd + 1) }));
  };
}

function run(bank: Bank, order: WorkflowOrder): ReturnType<typeof runWorkflow> {
  const caller = new Caller(bank.wires[order.protocol], order);
  return untilWalkedAway(() => runWorkflow(caller, order));
}

function drawWorkflow(banks: readonly BankAddress[], random: Random): Intent {
  const gid = newGid();
  const transfer = drawTransfer(banks, random);
  const { from, to, amount } = transfer;
  const { callsMax, ...behaviour } = drawCaller(random);
  const step = (branchId: string, { bank, account }: typeof from, change: number): WorkflowStep => {
    const chosen = random.pick(['saga', 'tcc', 'xa'] as const);
    return { branchId, style: chosen, url: bank.url + pathOf[chosen], account, change };
  };
  const first = random.integer(1, amount);
  const steps = [
    step('01', from, -amount),
    step('02', to, first),
    ...(first < amount ? [step('03', to, amount - first)] : []),
  ];
  const [executor, resumer] = random.shuffled(banks);
  if (executor === undefined || resumer === undefined) throw new RangeError('a workflow needs two banks');
  const resumeWire = drawBranchWire('http', random);
  const resumeUrl = branchUrl(resumer, resumeWire === 'grpc' ? resumeByGrpcPath : resumePath, resumeWire);
  let dies = callsMax === undefined ? {} : { callsMax: callsMax + 2 };
  return {
    gid,
    effects: effectsOf(transfer),
    mustFail: transfer.mustFail,
    recordsSteps: true,
    attempt: () => {
      const input = { steps, resumeUrl, protocol: behaviour.protocol };
      const order: WorkflowOrder = { ...behaviour, ...dies, gid, input };
      dies = {};
      return askBank(executor.url, errand, order);
    },
  };
}

export const workflow: TransactionKind = {
  name: 'workflow',
  weight: 3,
  routes: (bank) => ({
    [sagaPath]: serveSagaStep(bank),
    [resumePath]: serveResume(bank),
    [resumeByGrpcPath]: withInputOf(serveResume(bank)),
    ...errandRoute(errand, (order) => run(bank, order as WorkflowOrder)),
  }),
  draw: ({ banks }, random) => drawWorkflow(banks, random),
};
