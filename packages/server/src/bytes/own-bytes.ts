/** The bytes alone where they are a small part of what came with them: kept for long, they would keep all of it in memory. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length < bytes.buffer.byteLength / 2 ? new Uint8Array(bytes) : bytes;
}
