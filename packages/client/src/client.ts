import type { BranchContext } from './branch/branch-context.js';
import type { ClientOptions } from './coordinator/client-options.js';
import { connectionOf, type Connection } from './coordinator/connection.js';
import { readTransactionState, type TransactionState } from './coordinator/transaction-status.js';
import { InvalidUse } from './errors.js';
import { checkFunction, checkNames, type OptionNames } from './option-names.js';
import { Message, type MessageOptions } from './transaction/message.js';
import { Saga, type SagaOptions } from './transaction/saga.js';
import { refusal } from './transaction/submission.js';
import { OpenBranches } from './two-phase/open-branches.js';
import { tccScope, type Tcc } from './two-phase/tcc.js';
import type { TwoPhaseOptions } from './two-phase/two-phase-options.js';
import { twoPhaseTransaction } from './two-phase/two-phase-transaction.js';
import { xaScope, type Xa } from './two-phase/xa.js';

type Body<Scope, T> = (scope: Scope) => Promise<T> | T;

/**
 * Starts transactions at one coordinator. Holds no connection of its own; one for the whole process is enough. Workflows are
 * made with it by `createWorkflows` of `@tandem/client/workflow`.
 */
export interface Client {
  /** Steps that the coordinator calls, each with its compensation. */
  saga(options?: SagaOptions): Saga;
  /** Delivered if and only if a local transaction commits. */
  message(options?: MessageOptions): Message;
  /**
   * Reserve, then confirm all or cancel all. Confirms what the code began when it returns; cancels it when it throws. Throws
   * `TransactionFailed` where a branch refused, and otherwise what the code threw.
   */
  tcc<T>(body: (tcc: Tcc) => Promise<T> | T): Promise<T>;
  /** The same, with options. */
  tcc<T>(options: TwoPhaseOptions, body: (tcc: Tcc) => Promise<T> | T): Promise<T>;
  /** Inside the handler of a try: branches of the same TCC, which are confirmed or cancelled before it. */
  nestedTcc<T>(context: BranchContext, body: (tcc: Tcc) => Promise<T> | T): Promise<T>;
  /** Local transactions of several databases, all committed or all rolled back. Begins and ends as `tcc` does. */
  xa<T>(body: (xa: Xa) => Promise<T> | T): Promise<T>;
  /** The same, with options. */
  xa<T>(options: TwoPhaseOptions, body: (xa: Xa) => Promise<T> | T): Promise<T>;
  /** How a transaction stands; undefined: the coordinator does not know the gid (or has purged it). */
  query(gid: string): Promise<TransactionState | undefined>;
  /** What this package's own parts work with. */
  readonly connection: Connection;
}

/** Throws `INVALID_OPTION` for a url that cannot be a coordinator's; makes no call. */
export function createClient(clientOptions: ClientOptions): Client {
  const connection = connectionOf(clientOptions);
  const twoPhase =
    <Scope>(type: 'tcc' | 'xa', scopeOf: (connection: Connection, context: TwoPhaseContext) => Scope) =>
    async <T>(...given: TwoPhaseArguments<Scope, T>): Promise<T> => {
      const [options, body] = resolved(type, given);
      const scope = (gid: string, branches: OpenBranches): Scope => scopeOf(connection, { gid, options, branches });
      return twoPhaseTransaction(connection, { type, options, scope }, body);
    };
  return {
    connection,
    saga: (options = {}) => new Saga(connection, options),
    message: (options = {}) => new Message(connection, options),
    tcc: twoPhase('tcc', tccScope),
    nestedTcc: (context, body) => nestedTcc(connection, context, body),
    xa: twoPhase('xa', xaScope),
    query: async (gid) => {
      const answer = await connection.coordinator.query(gid, { gid });
      if (answer.status !== 200) throw refusal(answer, gid);
      return readTransactionState(answer.body);
    },
  };
}

interface TwoPhaseContext {
  readonly gid: string;
  readonly options: TwoPhaseOptions;
  readonly branches: OpenBranches;
}

type TwoPhaseArguments<Scope, T> = [Body<Scope, T>] | [TwoPhaseOptions, Body<Scope, T>];

const twoPhaseNames: OptionNames<TwoPhaseOptions> = {
  gid: true,
  requestTimeout: true,
  timeoutToFail: true,
  retry: true,
  branchHeaders: true,
  waitResult: true,
  signal: true,
};

/** Before anything is begun. */
function resolved<Scope, T>(
  mode: string,
  given: TwoPhaseArguments<Scope, T>,
): readonly [TwoPhaseOptions, Body<Scope, T>] {
  const [options, body] = given.length === 1 ? [{}, given[0]] : given;
  checkNames(mode, options, twoPhaseNames);
  checkFunction(`what ${mode} runs`, body);
  return [options, body];
}

async function nestedTcc<T>(connection: Connection, context: BranchContext, body: Body<Tcc, T>): Promise<T> {
  if (context.transType !== 'tcc' || context.op !== 'try') {
    const told = `branches are nested in the try of a TCC, and this is the ${context.op} of a ${context.transType}`;
    throw new InvalidUse('NOT_A_BRANCH_CALL', told);
  }
  const branches = new OpenBranches();
  const value = await body(tccScope(connection, { gid: context.gid, options: {}, branches, parent: context }));
  await branches.end();
  return value;
}
