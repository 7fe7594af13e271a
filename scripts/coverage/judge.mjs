/**
 * @typedef {import('./uncovered.mjs').Uncovered} Uncovered
 * @typedef {{ why: string, file?: string, code: string }} Explanation `code` is a part of the line; without a file: of any
 */

/**
 * Which uncovered places nobody has explained, which explanations explain nothing, and how many places there are in files that
 * are still growing.
 *
 * @param {readonly Uncovered[]} uncovered
 * @param {{ explanations: readonly Explanation[], growing: readonly string[] }} known
 */
export function judge(uncovered, { explanations, growing }) {
  /** @param {Uncovered} place @param {Explanation} explanation */
  const explains = (place, { file, code }) => (file === undefined || file === place.file) && place.code.includes(code);
  const left = uncovered.filter((place) => !explanations.some((one) => explains(place, one)));
  const unexplained = left.filter(({ file }) => !growing.includes(file));
  const idle = explanations.filter((one) => !uncovered.some((place) => explains(place, one)));
  const grown = growing.map(
    (file) => /** @type {const} */ ([file, left.filter((place) => place.file === file).length]),
  );
  return { unexplained, idle, explained: uncovered.length - left.length, grown };
}
