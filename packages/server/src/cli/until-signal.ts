/** Resolves with the signal that asks to stop; the next one ends the process, after `ending` has been called. */
export function untilSignal(ending?: () => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isAsked = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (isAsked) {
        ending?.();
        // 128 plus the signal's number is what a shell reports for a process that a signal ended.
        process.exit(signal === 'SIGINT' ? 130 : 143);
      }
      isAsked = true;
      resolve(signal);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
