import type { BranchCall, BranchCaller } from '@tandem/coordinator';
import { TandemError, type BranchResult } from '@tandem/protocol';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';
import type { Process } from './process.js';

/** A call as the world sees it, from the moment in which it leaves its node until the node has heard or given up. */
export interface OpenCall {
  readonly process: Process;
  readonly call: BranchCall;
  readonly startedAt: number;
}

export interface CallPorts {
  readonly time: VirtualTime;
  opened(open: OpenCall): void;
  closed(open: OpenCall, result: BranchResult): void;
  /** Carries the call to its participant; `answer` may be called once, many times, or never. */
  carry(call: BranchCall, answer: (result: BranchResult) => void): void;
}

const timedOut: BranchResult = { kind: 'unknown', reason: 'no answer in time', isUnreachable: true };
const givenUp: BranchResult = { kind: 'unknown', reason: 'cancelled', isUnreachable: true };

/** The branch caller of one process: what leaves goes to the network, and the first answer that comes in time counts. */
export class NodeCaller implements BranchCaller {
  readonly #process: Process;
  readonly #ports: CallPorts;

  constructor(process: Process, ports: CallPorts) {
    this.#process = process;
    this.#ports = ports;
  }

  call(call: BranchCall): { readonly result: Promise<BranchResult>; readonly cancel: () => void } {
    if (!this.#process.leaves('callSent')) return { result: new Promise(() => undefined), cancel: () => undefined };
    const open: OpenCall = { process: this.#process, call, startedAt: this.#ports.time.now };
    this.#ports.opened(open);
    let isOver = false;
    let settle: (result: BranchResult) => void = () => undefined;
    const result = new Promise<BranchResult>((resolve) => {
      settle = resolve;
    });
    const finish = (answer: BranchResult): void => {
      if (isOver) return;
      isOver = true;
      cancelTimeout();
      this.#ports.closed(open, answer);
      settle(answer);
    };
    const enter = (answer: BranchResult): void => {
      if (!isOver)
        this.#process.enters('callAnswered', () => {
          finish(answer);
        });
    };
    const cancelTimeout = this.#ports.time.in(call.timeoutMs, () => {
      enter(timedOut);
    });
    this.#ports.carry(call, enter);
    return {
      result,
      cancel: () => {
        finish(givenUp);
      },
    };
  }

  targetOf(url: string): string {
    const end = url.indexOf('/', 'http://'.length);
    if (!url.startsWith('http://')) throw new TandemError('UNSUPPORTED_BRANCH_URL', url);
    return end < 0 ? url : url.slice(0, end);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
