import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { setting, tellReady } from '@tandem/example-stage';

/** Serves at PORT of the loopback (0: any free one), as `serve` does by HTTP. */
export function serveGrpc(server: Server): void {
  server.bindAsync(`127.0.0.1:${setting('PORT')}`, ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    tellReady(port);
  });
}
