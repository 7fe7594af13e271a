import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { TandemError } from '@tandem/protocol';
import { errorReply, transportErrorReply } from './error-reply.js';
import type { Reply } from './reply.js';

/** Answers what is no HTTP request, or not a whole one, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, contentType, body } = replyTo(error.code);
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${contentType}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function replyTo(code: string | undefined): Reply {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return transportErrorReply('HEADERS_TOO_LARGE', 'the head of the request is too large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return transportErrorReply('REQUEST_TIMEOUT', 'the request did not arrive in time');
    case 'HPE_INVALID_URL':
      return refusal('the path or the query holds a character that must be percent-encoded, as every one beyond ASCII');
    default:
      return refusal('this is no HTTP request');
  }
}

function refusal(message: string): Reply {
  return errorReply(new TandemError('INVALID_REQUEST', message));
}
