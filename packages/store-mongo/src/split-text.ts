/** Cuts a text into pieces of at most `sizeMax` UTF-16 code units, never through a surrogate pair: half of one is lost in UTF-8. */
export function splitText(text: string, sizeMax: number): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > sizeMax) {
    let end = start + sizeMax;
    if (isHighSurrogate(text.charCodeAt(end - 1))) end--;
    pieces.push(text.slice(start, end));
    start = end;
  }
  pieces.push(text.slice(start));
  return pieces;
}

function isHighSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit <= 0xdbff;
}
