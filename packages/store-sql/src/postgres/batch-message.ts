/**
 * Statements bound and executed, one behind the other in one buffer, in the extended query protocol. The driver makes two buffers
 * and two writes to the socket of each statement, hundreds for a batch, and those cost more than what is in them.
 */
import type { SqlValue } from '../server-sql/sql-session.js';

const bindTag = 0x42;
/** Execute the statement bound last, without a limit of rows. */
const execute = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const sync = Buffer.from([0x53, 0, 0, 0, 4]);
/** Until about here a loop over the characters is faster than a call into the runtime. */
const shortTextMax = 48;
/** Longer texts are measured before they are given room; shorter ones get what they could need at most. */
const unmeasuredMax = 4_096;
const utf8BytesMax = 3;
const firstBytes = 16_384;

/** See the file head. */
export class BatchMessage {
  #bytes = Buffer.allocUnsafe(firstBytes);
  #from = 0;
  #at = 0;

  /** The named statement with its values, as texts; all that it answers comes as text, too. */
  statement(name: string, values: readonly SqlValue[]): void {
    this.#reserve(1 + 4);
    this.#bytes[this.#at] = bindTag;
    const lengthAt = this.#at + 1;
    this.#at += 1 + 4;
    this.#name('');
    this.#name(name);
    this.#int16(0);
    this.#int16(values.length);
    for (const value of values) this.#value(value);
    this.#int16(0);
    this.#bytes.writeInt32BE(this.#at - lengthAt, lengthAt);
    this.#copy(execute);
  }

  /** Ends the batch: the server answers that it is ready, whatever became of it. */
  sync(): void {
    this.#copy(sync);
  }

  /** What has been put together since the last call; the caller's from then on. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return taken;
  }

  #value(value: SqlValue): void {
    this.#reserve(4);
    const lengthAt = this.#at;
    this.#at += 4;
    if (value === null) {
      this.#bytes.writeInt32BE(-1, lengthAt);
      return;
    }
    this.#text(typeof value === 'number' ? String(value) : value);
    this.#bytes.writeInt32BE(this.#at - lengthAt - 4, lengthAt);
  }

  #text(text: string): void {
    const { length } = text;
    this.#reserve(length <= unmeasuredMax ? length * utf8BytesMax : Buffer.byteLength(text));
    if (length <= shortTextMax && this.#isWrittenAsAscii(text)) this.#at += length;
    else this.#at += this.#bytes.write(text, this.#at);
  }

  #isWrittenAsAscii(text: string): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[at + index] = code;
    }
    return true;
  }

  #name(name: string): void {
    this.#text(name);
    this.#reserve(1);
    this.#bytes[this.#at++] = 0;
  }

  #int16(value: number): void {
    this.#reserve(2);
    this.#at = this.#bytes.writeUInt16BE(value, this.#at);
  }

  #copy(bytes: Buffer): void {
    this.#reserve(bytes.length);
    this.#at += bytes.copy(this.#bytes, this.#at);
  }

  #reserve(room: number): void {
    const needed = this.#at + room;
    if (needed <= this.#bytes.length) return;
    // What was taken belongs to whoever took it: what is left moves to a buffer of its own.
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, this.#from, this.#from, this.#at);
    this.#bytes = grown;
  }
}
