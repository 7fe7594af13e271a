/** A fault of a store: the engine is away, full, read-only or broken. Whether a write was applied is not known. */
export class StoreError extends Error {
  /** `unavailable`: may pass; `full`: passes when space is made; `corrupt`: needs a person; `closed`: after `close`. */
  readonly kind: 'unavailable' | 'full' | 'corrupt' | 'closed';

  constructor(kind: StoreError['kind'], message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StoreError';
    this.kind = kind;
  }
}
