/**
 * @typedef {import('./uncovered.mjs').Uncovered} Uncovered
 * @typedef {{ why: string, file?: string, code: string }} Explanation `code` is a part of the line; without a file: of any
 */

/**
 * Which uncovered places nobody has explained, and which explanations explain nothing.
 *
 * @param {readonly Uncovered[]} uncovered
 * @param {readonly Explanation[]} explanations
 */
export function judge(uncovered, explanations) {
  /** @param {Uncovered} place @param {Explanation} explanation */
  const explains = (place, { file, code }) => (file === undefined || file === place.file) && place.code.includes(code);
  const unexplained = uncovered.filter((place) => !explanations.some((one) => explains(place, one)));
  const idle = explanations.filter((one) => !uncovered.some((place) => explains(place, one)));
  return { unexplained, idle, explained: uncovered.length - unexplained.length };
}
