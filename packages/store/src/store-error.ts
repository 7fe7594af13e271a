/** A fault of a store: the engine is away, full, read-only or broken. Whether a write was applied is not known. */
export class StoreError extends Error {
  /**
   * `unavailable`: may pass; `full`: passes when space is made; `corrupt`: needs a person; `closed`: after `close`. Only
   * when it is opened: `locked`: another process holds it; `incompatible`: written by a newer version, or not ours.
   */
  readonly kind: 'unavailable' | 'full' | 'corrupt' | 'closed' | 'locked' | 'incompatible';

  constructor(kind: StoreError['kind'], message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StoreError';
    this.kind = kind;
  }
}
