import { fileURLToPath } from 'node:url';
import type { MannersOrder } from '../bank/manners.js';
import { SupervisedProcess } from './supervised-process.js';

const servicePath = fileURLToPath(new URL('../bank/bank-service.js', import.meta.url));

export interface BankOptions {
  readonly name: string;
  readonly port: number;
  readonly databasePath: string;
  readonly logPath: string;
  readonly coordinatorUrl: string;
  /** Leaves the barrier out, to show that the books then do not balance. */
  readonly isSabotaged: boolean;
}

/** One bank in a process of its own, supervised. */
export class BankProcess extends SupervisedProcess {
  readonly databasePath: string;

  constructor({ name, port, databasePath, logPath, coordinatorUrl, isSabotaged }: BankOptions) {
    super({
      name,
      args: [servicePath, name, String(port), databasePath, coordinatorUrl],
      url: `http://127.0.0.1:${String(port)}`,
      readyPath: '/control/ready',
      logPath,
      env: isSabotaged ? { TORTURE_SABOTAGE: 'no-barrier' } : {},
    });
    this.databasePath = databasePath;
  }

  /** Tells it how to treat the coordinator's calls from now on; forgotten when it is killed. */
  async behave(order: MannersOrder): Promise<void> {
    const init = { method: 'POST', body: JSON.stringify(order), signal: AbortSignal.timeout(10_000) };
    const response = await fetch(`${this.url}/control/manners`, init);
    await response.body?.cancel();
  }
}
