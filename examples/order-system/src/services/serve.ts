import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServerCredentials, type Server } from '@grpc/grpc-js';

/** A setting from the environment; ends the process where it is missing. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

/** Serves at PORT of the loopback (0: any free one), and says so on standard output when it does. */
export function serve(listener: RequestListener): void {
  const server = createServer((request, response) => {
    if (request.url === '/health') response.end('{}');
    else listener(request, response);
  });
  server.listen(Number(setting('PORT')), '127.0.0.1', () => tellReady((server.address() as AddressInfo).port));
}

/** The same by gRPC. */
export function serveGrpc(server: Server): void {
  server.bindAsync(`127.0.0.1:${setting('PORT')}`, ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    tellReady(port);
  });
}

function tellReady(port: number): void {
  console.log(JSON.stringify({ port }));
}
