/** Where a mark lies: in the slot of the business key, since a script may only touch keys of one slot. */

/**
 * The key of a transaction's marks beside a business key; both as Redis gets them, with the library's prefix. Business keys
 * with one hash tag share their marks.
 */
export function markKey(businessKey: string, gid: string): string {
  return `tandem:{${hashTagOf(businessKey)}}:${gid}`;
}

/** What goes between braces so that a key lies in the slot of this one. */
export function hashTagOf(key: string): string {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
  return tag.includes('}') ? tagInSlot(slotOf(tag)) : tag;
}

/** Without a tag of its own, a key that has a closing brace cannot stand between braces: another text of its slot can. */
function tagInSlot(slot: number): string {
  for (let number = 0; ; number += 1) if (slotOf(`slot ${number}`) === slot) return `slot ${number}`;
}

/** CRC16 (XMODEM) of its bytes, as Redis Cluster specifies. */
function slotOf(text: string): number {
  let crc = 0;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % 16_384;
}
