import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { GrpcStatusError } from './error-status.js';
import type { FramedMessage } from './wire/message-frames.js';
import { statusCode } from './wire/status-code.js';

const unzip = promisify(gunzip);

/** The bytes of a message, unpacked where its call's `encoding` says so; a message that grows beyond the limit is refused. */
export async function unpackMessage(message: FramedMessage, encoding: string, bytesMax: number): Promise<Buffer> {
  if (!message.isCompressed) return message.bytes;
  if (encoding !== 'gzip') throw refusal(statusCode.internal, 'a compressed message without grpc-encoding');
  try {
    return await unzip(message.bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge
      ? refusal(statusCode.resourceExhausted, `the message is larger than ${String(bytesMax)} bytes`)
      : refusal(statusCode.internal, 'a compressed message that is no gzip');
  }
}

function refusal(code: number, message: string): GrpcStatusError {
  return new GrpcStatusError({ code, message });
}
