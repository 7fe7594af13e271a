import { limits } from './limits.js';

// No engine keeps NUL in every column type, and lone surrogates do not survive UTF-8.
const unkept = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A participant's or caller's text as it is stored: cut to its limit and free of what an engine cannot hold. */
export function keptReason(text: string): string {
  const cut = text.length > limits.reasonCharactersMax ? text.slice(0, limits.reasonCharactersMax) : text;
  return cut.replace(unkept, '\ufffd');
}
