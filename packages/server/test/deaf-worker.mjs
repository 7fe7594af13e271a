/** A worker that serves and does not end when it is asked to; the second of them does not even start. */
const number = process.env.TANDEM_WORKER_NUMBER;
if (number === '2') process.exit(1);
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => undefined);
setInterval(() => undefined, 60_000);
process.send?.({ kind: 'ready', url: `http://worker-${number}`, grpcAddress: undefined });
