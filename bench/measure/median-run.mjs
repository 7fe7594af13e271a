/** @param {readonly number[]} values @returns {number} NaN where there are none */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/**
 * The run in the middle by speed; of an even number the slower one of the two.
 * @template {{ perSecond: number }} Run
 * @param {readonly Run[]} runs at least one
 * @returns {Run}
 */
export function medianRun(runs) {
  const sorted = [...runs].sort((one, other) => one.perSecond - other.perSecond);
  const run = sorted[Math.floor((sorted.length - 1) / 2)];
  if (run === undefined) throw new Error('no run');
  return run;
}
