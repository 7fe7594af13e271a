/**
 * Serves what a bank serves over gRPC too, with an implementation that is not the coordinator's: a path of two segments is
 * the name of the method. Methods are registered as streaming ones, so that an answer can be sent twice.
 */
import { createServer, type Server as TcpServer, type Socket } from 'node:net';
import { Metadata, Server, ServerCredentials, status, type ServerWritableStream } from '@grpc/grpc-js';
import type { RequestHandler } from '@tandem/client';
import { lateMs, type Manners, type MannersOfBank } from './manners.js';

type Call = ServerWritableStream<Buffer, Buffer>;
const asIs = (bytes: Buffer): Buffer => bytes;
const nothing = Buffer.alloc(0);

const statusOf: Readonly<Record<number, status>> = {
  200: status.OK,
  409: status.ABORTED,
  425: status.FAILED_PRECONDITION,
};

/** Its sockets are accepted here, so that a connection can be dropped in the middle of a call. */
export function grpcDoor(routes: Readonly<Record<string, RequestHandler>>, manners: MannersOfBank): TcpServer {
  const server = new Server();
  const sockets = new Map<string, Socket>();
  for (const [path, handler] of Object.entries(routes)) {
    const serve = async (call: Call): Promise<void> => {
      const treatment = manners.draw(path);
      if (treatment === 'hang') return;
      answer(call, await handler(requestOf(path, call)), treatment, () => sockets.get(call.getPeer())?.destroy());
    };
    server.register(path, (call: Call) => void serve(call), asIs, asIs, 'serverStream');
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return createServer((socket) => {
    const peer = `${socket.remoteAddress ?? ''}:${String(socket.remotePort)}`;
    sockets.set(peer, socket);
    socket.on('close', () => sockets.delete(peer)).on('error', () => undefined);
    injector.injectConnection(socket);
  });
}

function answer(call: Call, response: Response, manners: Exclude<Manners, 'hang'>, drop: () => void): void {
  const code = manners === 'error' ? status.INTERNAL : (statusOf[response.status] ?? status.UNKNOWN);
  const say = (): void => {
    if (code === status.OK) {
      call.write(nothing);
      if (manners === 'twice') call.write(nothing);
      call.end();
    } else {
      call.emit('error', { code, details: `as HTTP ${String(response.status)}`, metadata: new Metadata() });
    }
  };
  if (manners === 'drop') drop();
  else if (manners === 'late') setTimeout(say, lateMs);
  else say();
}

function requestOf(path: string, { metadata, request }: Call): Request {
  const query = new URLSearchParams();
  for (const name of ['gid', 'trans_type', 'branch_id', 'op'])
    query.set(name, String(metadata.get(`dtm-${name}`)[0] ?? ''));
  const body = request.length === 0 ? {} : { body: new Uint8Array(request) };
  return new Request(`http://localhost${path}?${query.toString()}`, { method: 'POST', ...body });
}
