import { startInstance } from './instance.mjs';
import { prepareService } from './start-guarded.mjs';

/**
 * @typedef {import('./instance.mjs').Instance} Instance
 * @typedef {(settings?: { args?: readonly string[], prepare?: import('./service.mjs').Service['prepare'] }) => Promise<Instance>} StartMember
 *   one more process, by the service's own `prepare` and these arguments after its own, or by another `prepare`
 *
 * @typedef {object} Cluster a kind of service, listed in clusters.mjs
 * @property {string} name on the command line
 * @property {string} title for people
 * @property {string} urlVariable the environment variable that hands its URL to the tests
 * @property {import('./service.mjs').Service} of whose programs its members run
 * @property {(startMember: StartMember) => Promise<string>} assemble starts the members and joins them; answers the URL
 *
 * @typedef {object} ClusterInstance
 * @property {string} url
 * @property {readonly Instance[]} members in the order in which they were started
 * @property {() => Promise<void>} close
 */

/**
 * Starts the members and joins them; who asked for it closes it.
 * @param {Cluster} cluster
 * @param {import('./service.mjs').Programs} programs
 * @returns {Promise<ClusterInstance>}
 */
export async function startCluster(cluster, programs) {
  /** @type {Instance[]} */
  const members = [];
  const close = async () => {
    await Promise.all(members.map((member) => member.close()));
  };
  /** @type {StartMember} */
  const startMember = async ({ args = [], prepare = cluster.of.prepare } = {}) => {
    const service = { ...cluster.of, name: cluster.name, prepare };
    const member = await startInstance(await prepareService(service, programs, args));
    members.push(member);
    return member;
  };
  try {
    const url = await cluster.assemble(startMember);
    return { url, members, close };
  } catch (error) {
    await close();
    throw error;
  }
}
