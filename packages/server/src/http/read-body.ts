import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { TandemError } from '@tandem/protocol';

/** Reads a body of JSON; undefined where it is empty. Rejects with LIMIT_EXCEEDED or INVALID_JSON. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
      reject(tooLarge(bytesMax));
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else reject(tooLarge(bytesMax));
    });
    request.on('end', () => {
      try {
        resolve(parseJson(chunks));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    request.on('error', reject);
  });
}

function tooLarge(bytesMax: number): TandemError {
  return new TandemError('LIMIT_EXCEEDED', `the body is larger than ${String(bytesMax)} bytes`);
}

function parseJson(chunks: readonly Buffer[]): unknown {
  const [first] = chunks;
  if (first === undefined) return undefined;
  const bytes = chunks.length === 1 ? first : Buffer.concat(chunks);
  // Decoding would replace broken bytes silently, and a payload must reach its branch as it was sent.
  if (!isUtf8(bytes)) throw new TandemError('INVALID_JSON', 'the body is not UTF-8');
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (cause) {
    throw new TandemError('INVALID_JSON', 'the body is not valid JSON', { cause });
  }
}

const discardMsMax = 2_000;
const discardBytesMax = 64 * 1024 * 1024;

/** Reads the rest of a body that nobody wants, within limits, then calls `done`. */
export function discardBody(request: IncomingMessage, done: () => void): void {
  let bytes = 0;
  let isDone = false;
  const finish = (): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    done();
  };
  const timer = setTimeout(finish, discardMsMax);
  request.once('end', finish);
  request.once('close', finish);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > discardBytesMax) finish();
  });
  request.resume();
}
