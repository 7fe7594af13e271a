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

/**
 * Without a tag of its own, a key that has a closing brace cannot stand between braces: a text of three characters from its slot
 * can. Such keys may come out of payloads, so this is quick: some 10,000 steps.
 */
function tagInSlot(slot: number): string {
  for (const one of characters) {
    for (const two of characters) {
      const before = crcAfter(crcAfter(0, one), two);
      const three = characters.find((byte) => crcAfter(before, byte) % slotCount === slot);
      if (three !== undefined) return String.fromCharCode(one, two, three);
    }
  }
  throw new Error(`no tag lies in slot ${slot}`);
}

/** From 0 to o: more than enough for every slot. */
const characters = Array.from({ length: 64 }, (_, at) => 48 + at);
const slotCount = 16_384;

/** The slot of a key without a tag, or of a tag: CRC16 (XMODEM) of its bytes, as Redis Cluster specifies. */
export function slotOf(text: string): number {
  return new TextEncoder().encode(text).reduce(crcAfter, 0) % slotCount;
}

function crcAfter(before: number, byte: number): number {
  let crc = before ^ (byte << 8);
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  return crc;
}
