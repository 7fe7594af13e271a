/** A message as it came: with its flag, which says that it is compressed. */
export interface FramedMessage {
  readonly isCompressed: boolean;
  readonly bytes: Buffer;
}

/** A message is longer than its reader takes. */
export class MessageTooLargeError extends Error {
  constructor(bytesMax: number) {
    super(`the message is larger than ${String(bytesMax)} bytes`);
    this.name = 'MessageTooLargeError';
  }
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
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** With its prefix; 0: not known yet. */
  #wantedBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** A message has begun and not ended. */
  get isInMessage(): boolean {
    return this.#bytes > 0;
  }

  /** The messages that this chunk completes. Throws `MessageTooLargeError` as soon as a prefix announces one. */
  push(chunk: Buffer): readonly FramedMessage[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const messages: FramedMessage[] = [];
    while (this.#bytes >= prefixBytes) {
      if (this.#wantedBytes === 0) this.#wantedBytes = this.#readLength();
      if (this.#bytes < this.#wantedBytes) break;
      messages.push(this.#take());
    }
    return messages;
  }

  #readLength(): number {
    const length = this.#joined().readUInt32BE(1);
    if (length > this.#bytesMax) throw new MessageTooLargeError(this.#bytesMax);
    return prefixBytes + length;
  }

  #take(): FramedMessage {
    const all = this.#joined();
    const end = this.#wantedBytes;
    const rest = all.subarray(end);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    this.#wantedBytes = 0;
    return { isCompressed: all[0] === 1, bytes: all.subarray(prefixBytes, end) };
  }

  /** In one piece; asked for once for the prefix and once for the whole, so that long messages are not copied over and over. */
  #joined(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
