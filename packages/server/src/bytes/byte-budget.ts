import { TandemError } from '@tandem/protocol';

/** Bytes that all requests together may hold while they arrive: many large ones at once must not exhaust the memory. */
export class ByteBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What was taken has to be given back. Throws OVERLOADED where there is no room. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax) {
      throw new TandemError('OVERLOADED', 'too many bytes of requests at once; try again');
    }
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}
