/**
 * The store as one node sees it: the truth behind the adversarial wrapper, and the node's process in front of both.
 *
 * D1. A request that has left is carried out whatever becomes of the node; a reply reaches only a process that lives.
 */
import { InterceptedStore, type ClaimRequest, type ClaimResult, type Store } from '@tandem/store';
import type { Process } from './process.js';

export interface NodeStoreEvents {
  /** Called with each request; `weight` is its items. Answers false to hold it for ever: the node spins. */
  asked(verb: string, weight: number): boolean;
  /** Resolves when a claim's reply may set out for the node. */
  claimReply(): Promise<void>;
  /** A claim's reply has reached the node. */
  claimed(request: ClaimRequest, result: ClaimResult): void;
}

export class NodeStore extends InterceptedStore {
  readonly #on: NodeStoreEvents;

  constructor(process: Process, store: Store, on: NodeStoreEvents) {
    super(store, ({ verb, weight }, run) => {
      if (verb !== 'claimDue') return asked(process, on, { verb, weight, run });
      const claim = async (): Promise<Awaited<ReturnType<typeof run>>> => {
        const result = await run();
        await on.claimReply();
        return result;
      };
      return asked(process, on, { verb, weight, run: claim });
    });
    this.#on = on;
  }

  override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const result = await super.claimDue(request);
    this.#on.claimed(request, result);
    return result;
  }
}

interface Request<T> {
  readonly verb: string;
  readonly weight: number;
  readonly run: () => Promise<T>;
}

function asked<T>(process: Process, on: NodeStoreEvents, { verb, weight, run }: Request<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (!process.leaves('storeAsked') || !on.asked(verb, weight)) return;
    run().then(
      (value) => {
        process.enters('storeAnswered', () => {
          resolve(value);
        });
      },
      (error: unknown) => {
        process.enters('storeAnswered', () => {
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      },
    );
  });
}
