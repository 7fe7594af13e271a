/** Load by wrk with a generated script: every transaction has a gid of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCaptured } from '../../scripts/processes/run-captured.mjs';
import { tool } from '../participants/tools.mjs';

/**
 * @typedef {{ path: string, body: string }} Request `body` holds GID where the gid belongs
 *
 * @typedef {object} Load
 * @property {string} url
 * @property {readonly Request[]} requests one, or two of one transaction: the second follows once the first was answered
 * @property {number} connections
 * @property {number} seconds
 * @property {boolean} [countsStatuses] costs the load generator some of its speed, so not while measuring
 *
 * @typedef {object} LoadResult
 * @property {number} requests
 * @property {number} seconds
 * @property {number} perSecond requests
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number} maxMs
 * @property {number} refused answers with a status of 400 or more
 * @property {number} socketErrors
 * @property {Record<string, number>} statuses empty unless they were to be counted
 */

export const gidPlace = 'GID';
const gidDigits = 9;
const marker = 'BENCH_RESULT ';
/** How many transactions per connection lie between the first request of one and its second. */
const lagPerConnection = 10;

/** Loads may run side by side, each with a script and gids of its own. */
let loads = 0;

/** @param {string} text @returns {string} a Lua string literal */
function lua(text) {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n')}"`;
}

/** @param {string} url @param {Request} request @param {string} gidPrefix @returns {string} a Lua expression of `gid` */
function requestExpression(url, { path, body }, gidPrefix) {
  const parts = body.split(gidPlace);
  const length = Buffer.byteLength(parts.join('')) + (parts.length - 1) * (gidPrefix.length + gidDigits);
  const { host } = new URL(url);
  const headers = `Host: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${length}`;
  const [first = '', ...rest] = parts;
  return [`POST ${path} HTTP/1.1\r\n${headers}\r\n\r\n${first}`, ...rest].map(lua).join(' .. gid .. ');
}

/** @param {Load} load @param {string} gidPrefix */
function script({ url, requests, connections, countsStatuses }, gidPrefix) {
  const [first, second] = requests.map((request) => requestExpression(url, request, gidPrefix));
  const gid = (/** @type {string} */ n) => `local gid = ${lua(gidPrefix)} .. string.format("%0${gidDigits}d", ${n})`;
  const single = `n = n + 1; ${gid('n')}; return ${first}`;
  // wrk cannot tell its connections apart, so the second request follows when the first has long been answered. The very first
  // request it makes only to look at it, and never sends it.
  const pair = `
  isSecond = not isSecond
  if isSecond and n > ${connections * lagPerConnection + 1} then ${gid(`n - ${connections * lagPerConnection}`)}; return ${second} end
  ${single}`;
  const counting = `
local counts = {}
response = function(status)
  counts[status] = (counts[status] or 0) + 1
  statuses = ""
  for code, count in pairs(counts) do statuses = statuses .. code .. "=" .. count .. " " end
end`;
  const numbers = ['requests', 'refused', 'socketErrors'].map((name) => `"${name}":%d`);
  const decimals = ['seconds', 'p50Ms', 'p99Ms', 'maxMs'].map((name) => `"${name}":%.6f`);
  const format = `${marker}{${[...numbers, ...decimals].join(',')},"statuses":"%s"}\n`;
  return `
local n = 0
local isSecond = true
statuses = ""
request = function() ${second === undefined ? single : pair} end
${countsStatuses === true ? counting : ''}
local threads = {}
setup = function(thread) table.insert(threads, thread) end
done = function(summary, latency)
  local all = ""
  for _, thread in ipairs(threads) do all = all .. (thread:get("statuses") or "") end
  local e = summary.errors
  io.write(string.format(${lua(format)}, summary.requests, e.status, e.connect + e.read + e.write + e.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3, all))
end
`;
}

/** @param {string} text say "200=12 409=3 " @returns {Record<string, number>} */
export function parseStatuses(text) {
  /** @type {Record<string, number>} */
  const statuses = {};
  for (const [, code = '', count = ''] of text.matchAll(/(\d+)=(\d+)/g)) {
    statuses[code] = (statuses[code] ?? 0) + Number(count);
  }
  return statuses;
}

/**
 * One bounded run of load.
 * @param {string} folder for the script
 * @param {Load} load
 * @returns {Promise<LoadResult>}
 */
export async function runLoad(folder, load) {
  const { path, env } = await tool('wrk', 'wrk');
  const gidPrefix = `b${process.pid.toString(36)}-${Date.now().toString(36)}-${loads.toString(36)}-`;
  const file = join(folder, `load-${loads++}.lua`);
  writeFileSync(file, script(load, gidPrefix));
  const args = ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--timeout', '60s', '-s', file, load.url];
  const output = await runCaptured(path, args, { env });
  const line = output.split('\n').find((text) => text.startsWith(marker));
  if (line === undefined) throw new Error(`wrk told no result: ${output}`);
  const raw = JSON.parse(line.slice(marker.length));
  return { ...raw, statuses: parseStatuses(raw.statuses), perSecond: raw.requests / raw.seconds };
}
