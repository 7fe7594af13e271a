import { TandemError } from '../errors.js';
import { limits } from '../transaction/limits.js';
import { invalid, memberOf, objectOf, type JsonObject } from './json-members.js';
import { utf8Length } from './utf8.js';

const name = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// What an HTTP header can carry: CR, LF and NUL would forge further headers, and beyond Latin-1 no client sends.
const value = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** Headers that belong to one connection or frame one body: a caller that passes all of its own on names them too. */
const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** `branch_headers`: checked, without those that frame a message (which the call has of its own). */
export function branchHeadersOf(body: JsonObject, path = 'branch_headers'): Readonly<Record<string, string>> {
  const member = memberOf(body, 'branch_headers');
  // PHP has one kind of array, and writes an empty map as an empty list.
  if (member === undefined || (Array.isArray(member) && member.length === 0)) return {};
  const headers: [string, string][] = [];
  let bytes = 0;
  for (const [header, text] of Object.entries(objectOf(member, path))) {
    if (text === null) continue;
    if (!name.test(header)) throw invalid(path, 'an object whose names can be header names');
    if (typeof text !== 'string') throw invalid(`${path}.${header}`, 'a string');
    if (!value.test(text)) throw invalid(`${path}.${header}`, 'text that a header can carry (no line breaks)');
    bytes += header.length + utf8Length(text);
    if (!framing.has(header.toLowerCase())) headers.push([header, text]);
  }
  if (bytes > limits.headerBytesMax) {
    throw new TandemError('LIMIT_EXCEEDED', `${path} exceed ${String(limits.headerBytesMax)} bytes`);
  }
  return Object.fromEntries(headers);
}
