/** How many slots a Redis Cluster has; every key belongs to one. */
export const slotCount = 16_384;

/** The slot of a hash tag: CRC16 (XMODEM) of its bytes, as Redis Cluster specifies. */
export function slotOfTag(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag, 'utf8')) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc % slotCount;
}
