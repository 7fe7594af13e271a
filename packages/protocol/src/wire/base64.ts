const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const piece = 8190;

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let from = 0; from < bytes.length; from += piece) pieces.push(encodePiece(bytes.subarray(from, from + piece)));
  return pieces.join('');
}

function encodePiece(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += letter(word >> 18) + letter(word >> 12);
    text += left > 1 ? letter(word >> 6) : '=';
    text += left > 2 ? letter(word) : '=';
  }
  return text;
}

function letter(bits: number): string {
  return alphabet.charAt(bits & 0x3f);
}

/** The bytes of standard base64 with padding; undefined for text that is none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let at = 0, to = 0; at < text.length; at += 4) {
    let word = 0;
    for (let digit = 0; digit < 4; digit += 1) {
      const isPadding = at + digit >= text.length - padding;
      const value = isPadding ? 0 : alphabet.indexOf(text.charAt(at + digit));
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
