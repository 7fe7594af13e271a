/** As much of gRPC as load and participants need: one message in a frame, and texts and bytes as fields of a protobuf. */

/** @param {number} value */
function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** @param {number} number of the field @param {string | Buffer} value text, bytes, or a message */
export function field(number, value) {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

/** @param {number} number of the field */
export function trueField(number) {
  return Buffer.concat([varint(number << 3), Buffer.from([1])]);
}

/** @param {Buffer} message */
export function frame(message) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
