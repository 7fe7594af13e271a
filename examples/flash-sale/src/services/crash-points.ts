/**
 * For the demonstration alone: lets this process die at a moment that no kill from outside would hit.
 *
 * `POST /crash` with `{"moment": "taken", "buyer": "ann"}`: killed with -9 when that buyer's purchase gets there; or with
 * `"passes": 3` in place of `buyer`, when that many have got there.
 */
import type { RequestHandler } from '@tandem/client';

export interface CrashOrder {
  readonly moment: string;
  readonly buyer?: string;
  readonly passes?: number;
}

export class CrashPoints {
  #order: CrashOrder | undefined;
  #passed = 0;

  readonly handler: RequestHandler = async (request) => {
    this.#order = (await request.json()) as CrashOrder;
    this.#passed = 0;
    return Response.json({});
  };

  /** Says that this moment has come for a buyer. */
  pass(moment: string, buyer: string): void {
    if (this.#order?.moment !== moment) return;
    const { buyer: doomed, passes = 1 } = this.#order;
    if (doomed !== undefined && doomed !== buyer) return;
    this.#passed += 1;
    if (this.#passed >= passes) process.kill(process.pid, 'SIGKILL');
  }
}
