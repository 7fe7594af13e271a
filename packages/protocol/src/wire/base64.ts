// By codes and tables: text that is put together letter by letter took seconds for a payload, with all else waiting.
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const codes = Uint8Array.from(alphabet, (letter) => letter.charCodeAt(0));
const noDigit = 0xff;
const digits = digitsByCode();
const padding = '='.charCodeAt(0);
const pieceBytes = 6144;

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    const piece: ArrayLike<number> = encodePiece(bytes.subarray(from, from + pieceBytes));
    // Any list of numbers does; spreading one takes five times as long.
    pieces.push(String.fromCharCode.apply(undefined, piece as number[]));
  }
  return pieces.join('');
}

function encodePiece(bytes: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  for (let at = 0, to = 0; at < bytes.length; at += 3, to += 4) {
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    encoded[to] = codes[word >> 18] ?? 0;
    encoded[to + 1] = codes[(word >> 12) & 0x3f] ?? 0;
    encoded[to + 2] = codes[(word >> 6) & 0x3f] ?? 0;
    encoded[to + 3] = codes[word & 0x3f] ?? 0;
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  return encoded.fill(padding, encoded.length - missing);
}

/** The bytes of standard base64 with padding; undefined for text that is none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padded = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  const digitsEnd = text.length - padded;
  const bytes = new Uint8Array((text.length / 4) * 3 - padded);
  for (let at = 0, to = 0; at < text.length; at += 4) {
    let word = 0;
    for (let index = at; index < at + 4; index += 1) {
      const digit = index < digitsEnd ? (digits[text.charCodeAt(index)] ?? noDigit) : 0;
      if (digit === noDigit) return undefined;
      word = (word << 6) | digit;
    }
    // Writes beyond the end of a typed array are dropped: that is the padding.
    bytes[to++] = word >> 16;
    bytes[to++] = word >> 8;
    bytes[to++] = word;
  }
  return bytes;
}

function digitsByCode(): Uint8Array {
  const table = new Uint8Array(128).fill(noDigit);
  codes.forEach((code, digit) => (table[code] = digit));
  return table;
}
