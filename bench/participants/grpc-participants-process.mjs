/** Answers every gRPC call with OK and an empty message; prints its address, and for each line of its input how many it has answered. */
import { createServer } from 'node:http2';
import { createInterface } from 'node:readline';
import { frame } from '../load/grpc-wire.mjs';

const empty = frame(Buffer.alloc(0));
let answered = 0;
const server = createServer({ settings: { maxConcurrentStreams: 1000 } });
server.on('stream', (stream) => {
  stream.on('error', () => undefined);
  stream.on('end', () => {
    answered += 1;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(empty);
  });
  stream.resume();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`);
});
createInterface({ input: process.stdin })
  .on('line', () => console.log(String(answered)))
  .on('close', () => process.exit(0));
