const plain = /^[\u0020-\u0024\u0026-\u007e]*$/;
const messageCharactersMax = 2_048;

/** A status message as `grpc-message` holds it: UTF-8, with everything but plain ASCII as %XX; cut, since it goes into a header. */
export function encodeStatusMessage(message: string): string {
  const text = message.length > messageCharactersMax ? message.slice(0, messageCharactersMax) : message;
  if (plain.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The message of a `grpc-message` header; what is not encoded as it should be stays as it is. */
export function decodeStatusMessage(header: string): string {
  if (!header.includes('%')) return header;
  const bytes: Buffer[] = [];
  let rest = header;
  for (let found = /%([0-9a-fA-F]{2})/.exec(rest); found !== null; found = /%([0-9a-fA-F]{2})/.exec(rest)) {
    bytes.push(Buffer.from(rest.slice(0, found.index)), Buffer.from(found[1] ?? '', 'hex'));
    rest = rest.slice(found.index + 3);
  }
  return Buffer.concat([...bytes, Buffer.from(rest)]).toString();
}
