import { TandemError } from '@tandem/protocol';

const piecesMax = 65_536;
const piecesUntilJoined = 1_024;

/** Bytes that arrive in pieces. Tiny ones cost many times what they hold, so they are joined now and then, and counted. */
export class PieceBuffer {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #count = 0;

  get byteLength(): number {
    return this.#bytes;
  }

  /** Throws LIMIT_EXCEEDED where there are more pieces than anybody needs. */
  push(piece: Buffer): void {
    this.#count += 1;
    if (this.#count > piecesMax) {
      throw new TandemError('LIMIT_EXCEEDED', `it comes in more than ${String(piecesMax)} pieces`);
    }
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#pieces.length >= piecesUntilJoined) this.joined();
  }

  /** All of them in one piece. */
  joined(): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) return first;
    const joined = Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }
}
