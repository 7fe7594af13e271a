/**
 * Orders two strings as their UTF-8 bytes would be ordered: what every engine does with gids and keys. JavaScript's own
 * order differs where a character beyond U+FFFF meets one between U+E000 and U+FFFF.
 */
export function compareBytes(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

// Surrogates stand for characters beyond U+FFFF, so they rank above every other code unit.
function rank(codeUnit: number): number {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff ? codeUnit + 0x10000 : codeUnit;
}
