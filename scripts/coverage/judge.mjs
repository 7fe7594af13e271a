/**
 * @typedef {import('./uncovered.mjs').Uncovered} Uncovered
 * @typedef {{ why: string, file?: string, code: string }} Explanation `code` is a part of the line; without a file: of any
 */

/**
 * Which uncovered places nobody has explained, and which explanations explain nothing. A guard against a race may be reached now
 * and then, by luck: it is explained as long as it is written there.
 *
 * @param {readonly Uncovered[]} uncovered
 * @param {readonly Explanation[]} explanations
 * @param {(file: string, code: string) => boolean} isWritten whether a file has a line with such code
 */
export function judge(uncovered, explanations, isWritten) {
  /** @param {Uncovered} place @param {Explanation} explanation */
  const explains = (place, { file, code }) => (file === undefined || file === place.file) && place.code.includes(code);
  const unexplained = uncovered.filter((place) => !explanations.some((one) => explains(place, one)));
  const idle = explanations
    .filter((one) => !uncovered.some((place) => explains(place, one)))
    .filter(({ why, file, code }) => why !== 'race' || file === undefined || !isWritten(file, code));
  return { unexplained, idle, explained: uncovered.length - unexplained.length };
}
