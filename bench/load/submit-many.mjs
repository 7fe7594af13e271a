/** Submits a given number of transactions, no more and no less, each with a gid of its own. */
import { Agent, request } from 'node:http';
import { gidPlace } from './wrk.mjs';

const connections = 64;

/**
 * Answers the gids in order. Throws when one is refused.
 * @param {string} baseUrl
 * @param {(index: number) => import('./wrk.mjs').Request} requestOf
 * @param {number} count
 */
export async function submitMany(baseUrl, requestOf, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const prefix = `m${process.pid.toString(36)}-${Date.now().toString(36)}-`;
  const gids = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      const { path, body } = requestOf(index);
      const answer = await call(agent, `${baseUrl}${path}`, 'POST', body.replaceAll(gidPlace, gids[index] ?? ''));
      if (answer.status >= 300) throw new Error(`submit answered ${answer.status}: ${answer.text}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, worker));
  } finally {
    agent.destroy();
  }
  return gids;
}

/** How many of the transactions have each status. @param {string} baseUrl @param {readonly string[]} gids */
export async function countByStatus(baseUrl, gids) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  /** @type {Record<string, number>} */
  const counts = {};
  let next = 0;
  const worker = async () => {
    while (next < gids.length) {
      const gid = gids[next++] ?? '';
      const { text } = await call(agent, `${baseUrl}/api/dtmsvr/query?gid=${gid}`, 'GET', '');
      const status = JSON.parse(text).transaction?.status ?? 'unknown';
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, worker));
  } finally {
    agent.destroy();
  }
  return counts;
}

/**
 * @param {Agent} agent @param {string} url @param {string} method @param {string} body
 * @returns {Promise<{ status: number, text: string }>}
 */
function call(agent, url, method, body) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    request(url, { agent, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (/** @type {string} */ part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    })
      .on('error', reject)
      .end(body);
  });
}
