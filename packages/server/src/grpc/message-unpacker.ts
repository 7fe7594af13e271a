import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TandemError } from '@tandem/protocol';
import type { ByteBudget } from '../bytes/byte-budget.js';
import { GrpcStatusError } from './error-status.js';
import { statusCode } from './wire/status-code.js';

const unzip = promisify(gunzip);
// Packed bytes can grow a thousandfold: were all unpacked at once, a few MiB on the wire would fill the memory.
const unpackingMax = 4;
const waitingMax = 10_000;
const chunkBytes = 256 * 1024;

/** Unpacks messages, a few at a time; the others wait in their order, their callers still there or not. */
export class MessageUnpacker {
  readonly #bytesMax: number;
  readonly #budget: ByteBudget;
  readonly #waiting: (() => void)[] = [];
  #unpacking = 0;

  constructor(bytesMax: number, budget: ByteBudget) {
    this.#bytesMax = bytesMax;
    this.#budget = budget;
  }

  /**
   * The bytes of a message. Rejects with a status where it grows beyond the limit, or was not packed as its call says, and with
   * OVERLOADED where too many wait.
   */
  async unpack(packed: Buffer, encoding: string): Promise<Buffer> {
    if (encoding !== 'gzip') throw refusal(statusCode.internal, 'a compressed message without grpc-encoding');
    this.#budget.take(packed.length);
    try {
      return await this.#unpackInTurn(packed);
    } finally {
      this.#budget.giveBack(packed.length);
    }
  }

  async #unpackInTurn(packed: Buffer): Promise<Buffer> {
    await this.#turn();
    try {
      return await unzip(packed, { maxOutputLength: this.#bytesMax, chunkSize: chunkBytes });
    } catch (error) {
      throw this.#refusalOf(error);
    } finally {
      this.#next();
    }
  }

  async #turn(): Promise<void> {
    if (this.#waiting.length >= waitingMax)
      throw new TandemError('OVERLOADED', 'too many packed messages at once; try again');
    if (this.#unpacking >= unpackingMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#unpacking += 1;
  }

  /** The place goes to who waits for longest. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#unpacking -= 1;
    else next();
  }

  #refusalOf(error: unknown): GrpcStatusError {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLarge
      ? refusal(statusCode.resourceExhausted, `the message is larger than ${String(this.#bytesMax)} bytes`)
      : refusal(statusCode.internal, 'a compressed message that is no gzip');
  }
}

function refusal(code: number, message: string): GrpcStatusError {
  return new GrpcStatusError({ code, message });
}
