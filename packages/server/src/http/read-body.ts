import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { TandemError } from '@tandem/protocol';
import type { ByteBudget } from '../bytes/byte-budget.js';
import { PieceBuffer } from '../bytes/piece-buffer.js';

export interface BodyLimits {
  readonly bytesMax: number;
  /** What all bodies together may take; a body gives back when its connection is done with it. */
  readonly budget: ByteBudget;
}

/** Reads a body of JSON; undefined where it is empty. Rejects with LIMIT_EXCEEDED, OVERLOADED or INVALID_JSON. */
export function readBody(request: IncomingMessage, { bytesMax, budget }: BodyLimits): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
      reject(tooLarge(bytesMax));
      return;
    }
    let pieces: PieceBuffer | undefined = new PieceBuffer();
    const taken = takerOf(budget, request);
    request.on('data', (chunk: Buffer) => {
      if (pieces === undefined) return;
      try {
        if (pieces.byteLength + chunk.length > bytesMax) throw tooLarge(bytesMax);
        taken(chunk.length);
        pieces.push(chunk);
      } catch (error) {
        // What comes after a refusal is not kept.
        pieces = undefined;
        reject(asError(error));
      }
    });
    request.on('end', () => {
      try {
        if (pieces !== undefined) resolve(parseJson(pieces.joined()));
      } catch (error) {
        reject(asError(error));
      }
    });
    request.on('error', reject);
  });
}

/** Takes from the budget, and gives all of it back when the request has been dealt with. */
function takerOf(budget: ByteBudget, request: IncomingMessage): (bytes: number) => void {
  let taken = 0;
  request.once('close', () => {
    budget.giveBack(taken);
  });
  return (bytes) => {
    budget.take(bytes);
    taken += bytes;
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function tooLarge(bytesMax: number): TandemError {
  return new TandemError('LIMIT_EXCEEDED', `the body is larger than ${String(bytesMax)} bytes`);
}

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
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
