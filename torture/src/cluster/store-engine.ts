/** The run asks whoever started it for what it cannot do itself: to kill the store's engine and start it again. */
export type ToStarter = { readonly kind: 'killStore' };
export type FromStarter = { readonly kind: 'storeIsBack' };

/** Kills the engine and resolves when it listens again; undefined where nobody can. */
export function storeKiller(): (() => Promise<void>) | undefined {
  if (process.send === undefined) return undefined;
  return () =>
    new Promise((resolve) => {
      process.once('message', () => {
        resolve();
      });
      const order: ToStarter = { kind: 'killStore' };
      process.send?.(order);
    });
}
