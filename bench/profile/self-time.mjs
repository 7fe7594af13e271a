/** Where a Node server spends its time, from the profiles that it wrote as it ended. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../scripts/workspace/root.mjs';

/** @param {string} folder */
export function profileFlags(folder) {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500'];
}

/**
 * @typedef {{ id: number, children?: number[], callFrame: { functionName: string, url: string, lineNumber: number } }} ProfileNode
 * @typedef {{ nodes: ProfileNode[], samples: number[], timeDeltas: number[] }} Profile
 */

/** @param {ProfileNode} node */
function placeOf({ callFrame: { functionName, url, lineNumber } }) {
  const path = url.startsWith('file:') ? fileURLToPath(url).replace(`${root}/`, '') : url;
  return `${functionName === '' ? '(anonymous)' : functionName} ${path}${lineNumber > 0 ? `:${lineNumber + 1}` : ''}`;
}

/**
 * A place for each node; what is native is told together with its caller, without which it says little.
 * @param {readonly ProfileNode[]} nodes
 */
function placesOf(nodes) {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node])));
  return new Map(
    nodes.map((node) => {
      const parent = parents.get(node.id);
      const isNative = node.callFrame.url === '' && !node.callFrame.functionName.startsWith('(');
      return [node.id, isNative && parent !== undefined ? `${placeOf(node)}< ${placeOf(parent)}` : placeOf(node)];
    }),
  );
}

/** The functions with the most time of their own, one line each, per thread. @param {string} folder @param {number} count */
export function selfTimes(folder, count) {
  return readdirSync(folder).flatMap((file) => {
    /** @type {Profile} */
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const places = placesOf(profile.nodes);
    /** @type {Map<string, number>} */
    const times = new Map();
    for (const [index, id] of profile.samples.entries()) {
      const place = places.get(id) ?? '?';
      times.set(place, (times.get(place) ?? 0) + (profile.timeDeltas[index] ?? 0));
    }
    const idle = [...times].filter(([place]) => place.startsWith('(idle)')).reduce((sum, [, time]) => sum + time, 0);
    const busy = [...times.values()].reduce((sum, time) => sum + time, 0) - idle;
    const top = [...times].filter(([place]) => !place.startsWith('(idle)')).sort((a, b) => b[1] - a[1]);
    return [
      `profile ${file}: busy ${(busy / 1e6).toFixed(1)} s`,
      ...top.slice(0, count).map(([place, time]) => `  ${((time / busy) * 100).toFixed(1).padStart(5)} %  ${place}`),
    ];
  });
}
