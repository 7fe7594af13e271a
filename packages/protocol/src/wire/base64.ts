const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', codeOf);
/** By the code of a letter: its six bits, -1 for what is none. */
const values = new Int8Array(128).fill(-1);
for (const [value, code] of letters.entries()) values[code] = value;
const padding = codeOf('=');
const piece = 6144;

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let from = 0; from < bytes.length; from += piece) pieces.push(encodePiece(bytes.subarray(from, from + piece)));
  return pieces.join('');
}

// By codes, a piece at a time: a text that grows letter by letter takes ten times as long.
function encodePiece(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    codes.push(letter(word >> 18), letter(word >> 12));
    codes.push(left > 1 ? letter(word >> 6) : padding, left > 2 ? letter(word) : padding);
  }
  return String.fromCharCode(...codes);
}

function letter(bits: number): number {
  return letters[bits & 0x3f] ?? padding;
}

/** The bytes of standard base64 with padding; undefined for text that is none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padded = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  const bytes = new Uint8Array((text.length / 4) * 3 - padded);
  for (let at = 0, to = 0; at < text.length; at += 4) {
    let word = 0;
    for (let digit = 0; digit < 4; digit += 1) {
      const isPadding = at + digit >= text.length - padded;
      const value = isPadding ? 0 : (values[text.charCodeAt(at + digit)] ?? -1);
      if (value < 0) return undefined;
      word = (word << 6) | value;
    }
    // Writes beyond the end of a typed array are dropped: that is the padding.
    bytes[to++] = word >> 16;
    bytes[to++] = word >> 8;
    bytes[to++] = word;
  }
  return bytes;
}

function codeOf(character: string): number {
  return character.charCodeAt(0);
}
