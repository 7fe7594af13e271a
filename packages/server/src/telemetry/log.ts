import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

// Values under these names never reach a log, however deep the object is that holds them.
const secretNames = ['password', 'Password', 'authorization', 'Authorization', 'headers', 'branchHeaders', 'payload'];

/** JSON lines on standard error (or `destination`), with what must stay secret replaced. */
export function openLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
  };
  return pino(options, destination ?? pino.destination({ dest: 2, sync: true }));
}
