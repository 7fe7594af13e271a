/**
 * Words: texts that hold no space, joined by one space each. Scripts take them apart with one pattern, and text of any kind
 * passes through a script as it came.
 */

const special = /[ %]/;

/** A text as a word; an empty text is an empty word. */
export function toWord(text: string): string {
  if (!special.test(text)) return text;
  return text.replace(/[ %]/g, (character) => (character === ' ' ? '%20' : '%25'));
}

/** The text of a word. */
export function fromWord(word: string): string {
  if (!word.includes('%')) return word;
  return word.replace(/%2[05]/g, (escaped) => (escaped === '%20' ? ' ' : '%'));
}
