/**
 * A service of several processes (a cluster, a primary with its watchers), each an instance that a test may kill, pause and
 * start again. Who opens it closes it; its members end with this process in any case.
 */
import { clusters } from './clusters.mjs';
import { programsOf } from './instance.mjs';
import { startCluster } from './start-cluster.mjs';

/** @typedef {import('./start-cluster.mjs').ClusterInstance} ClusterInstance */

/**
 * Opens one from the programs that the scripts found for the service it is made of, told in an environment variable.
 * @param {string} name of a cluster in the list
 * @returns {Promise<ClusterInstance>}
 */
export async function openCluster(name) {
  const cluster = clusters.find((one) => one.name === name);
  if (cluster === undefined) throw new Error(`no such cluster: ${name}`);
  return startCluster(cluster, programsOf(cluster.of.name).programs);
}
