/** How often the server's store committed, from its metrics; undefined where it does not tell. */

const names = { writes: 'tandem_store_writes_total', syncs: 'tandem_store_batches_total' };

/** @param {string} text metrics in Prometheus' format @param {string} name @returns {number | undefined} */
export function metricSum(text, name) {
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** @param {string} baseUrl @returns {Promise<{ writes: number, syncs: number } | undefined>} */
export async function storeCounters(baseUrl) {
  const response = await fetch(`${baseUrl}/api/metrics`);
  if (!response.ok) return undefined;
  const text = await response.text();
  const writes = metricSum(text, names.writes);
  const syncs = metricSum(text, names.syncs);
  return writes === undefined || syncs === undefined ? undefined : { writes, syncs };
}
