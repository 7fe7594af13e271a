/** The yardstick: the least that a Node server which reads and answers JSON over HTTP must do. Prints its port. */
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (/** @type {string} */ text) => (body += text));
  request.on('end', () => {
    const answer = JSON.stringify(JSON.parse(body));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(address.port);
});
process.stdin.resume().on('end', () => process.exit(0));
