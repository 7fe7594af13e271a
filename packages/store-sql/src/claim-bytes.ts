/** Most bytes of bodies that one claim brings into memory. */
export const claimBytesMax = 32 << 20;

/**
 * The first of what is due, as many as fit; a row has the bytes of its body in its third column. At least one, or a large
 * one would never be claimed.
 */
export function upToBytes<T extends readonly unknown[]>(due: readonly T[]): readonly T[] {
  let bytes = 0;
  const tooMany = due.findIndex((row, index) => {
    bytes += Number(row[2]);
    return index > 0 && bytes > claimBytesMax;
  });
  return tooMany === -1 ? due : due.slice(0, tooMany);
}
