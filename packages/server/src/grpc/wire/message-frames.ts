import { TandemError } from '@tandem/protocol';
import { PieceBuffer } from '../../bytes/piece-buffer.js';

/** A message as it came: with its flag, which says that it is compressed. */
export interface FramedMessage {
  readonly isCompressed: boolean;
  readonly bytes: Buffer;
}

const prefixBytes = 5;

/** One message with its prefix: a flag (not compressed) and its length, big-endian. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** Takes messages out of a stream of bytes, however they are cut. */
export class MessageReader {
  readonly #bytesMax: number;
  #pieces = new PieceBuffer();
  /** With its prefix; 0: not known yet. */
  #wantedBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** A message has begun and not ended. */
  get isInMessage(): boolean {
    return this.#pieces.byteLength > 0;
  }

  /**
   * The messages that this chunk completes. Throws LIMIT_EXCEEDED as soon as a prefix announces one that is too long, and
   * INVALID_REQUEST for a prefix that is none.
   */
  push(chunk: Buffer): readonly FramedMessage[] {
    this.#pieces.push(chunk);
    const messages: FramedMessage[] = [];
    while (this.#pieces.byteLength >= prefixBytes) {
      if (this.#wantedBytes === 0) this.#wantedBytes = this.#readPrefix();
      if (this.#pieces.byteLength < this.#wantedBytes) break;
      messages.push(this.#take());
    }
    return messages;
  }

  #readPrefix(): number {
    const prefix = this.#pieces.joined();
    if ((prefix[0] ?? 0) > 1)
      throw new TandemError('INVALID_REQUEST', 'this is no message of gRPC: its flag is unknown');
    const length = prefix.readUInt32BE(1);
    if (length > this.#bytesMax) {
      throw new TandemError('LIMIT_EXCEEDED', `the message is larger than ${String(this.#bytesMax)} bytes`);
    }
    return prefixBytes + length;
  }

  #take(): FramedMessage {
    const all = this.#pieces.joined();
    const end = this.#wantedBytes;
    this.#pieces = new PieceBuffer();
    if (end < all.length) this.#pieces.push(all.subarray(end));
    this.#wantedBytes = 0;
    return { isCompressed: all[0] === 1, bytes: all.subarray(prefixBytes, end) };
  }
}
