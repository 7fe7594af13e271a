import type { BranchCall, BranchCaller } from '@tandem/coordinator';
import { TandemError } from '@tandem/protocol';

/** Sends each call to the caller of its URL's scheme ("http"); what no caller takes is refused at the door. */
export class BranchCallers implements BranchCaller {
  readonly #byScheme: ReadonlyMap<string, BranchCaller>;

  readonly #withoutScheme: BranchCaller | undefined;

  /** `withoutScheme` takes URLs that have none, as gRPC's are. */
  constructor(byScheme: ReadonlyMap<string, BranchCaller>, withoutScheme?: BranchCaller) {
    this.#byScheme = byScheme;
    this.#withoutScheme = withoutScheme;
  }

  call(call: BranchCall): ReturnType<BranchCaller['call']> {
    const caller = this.#callerOf(call.url);
    if (caller !== undefined) return caller.call(call);
    const reason = `no caller for ${call.url}`;
    return { result: Promise.resolve({ kind: 'unknown', reason }), cancel: () => undefined };
  }

  targetOf(url: string): string {
    const caller = this.#callerOf(url);
    if (caller !== undefined) return caller.targetOf(url);
    const schemes = [...this.#byScheme.keys()].map((scheme) => `${scheme}://`).join(' or ');
    throw new TandemError('UNSUPPORTED_BRANCH_URL', `branch URL must start with ${schemes}: ${url.slice(0, 200)}`);
  }

  async close(): Promise<void> {
    const callers = new Set(this.#byScheme.values());
    if (this.#withoutScheme !== undefined) callers.add(this.#withoutScheme);
    await Promise.all([...callers].map((caller) => caller.close()));
  }

  #callerOf(url: string): BranchCaller | undefined {
    const end = url.indexOf('://');
    if (end === -1) return this.#withoutScheme;
    if (end < 1 || end > 16) return undefined;
    const scheme = url.slice(0, end);
    return this.#byScheme.get(scheme) ?? this.#byScheme.get(scheme.toLowerCase());
  }
}
