/** What a process, its threads and its descendants have used, from /proc (Linux). */
import { readFileSync, readdirSync } from 'node:fs';

/** Ticks of /proc per second: fixed at 100 for programs on Linux. */
const ticksPerSecond = 100;
const kib = 1024;

/** @param {number} pid @param {string} [file] @returns {{ parent: number, cpuSeconds: number } | undefined} */
function statOf(pid, file = `/proc/${pid}/stat`) {
  try {
    const text = readFileSync(file, 'utf8');
    // The name in parentheses may hold spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    return { parent: Number(fields[1]), cpuSeconds: ticks / ticksPerSecond };
  } catch {
    return undefined;
  }
}

/** @param {number} rootPid @returns {number[]} */
function treeOf(rootPid) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? statOf(pid) : undefined;
    if (stat !== undefined) parents.set(pid, stat.parent);
  }
  const tree = [rootPid];
  for (const pid of tree) tree.push(...[...parents].filter(([, parent]) => parent === pid).map(([child]) => child));
  return tree;
}

/** @param {number} pid @param {string} field @returns {number} bytes */
function memoryOf(pid, field) {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * kib;
  } catch {
    return 0;
  }
}

/**
 * CPU seconds since their start and resident bytes, of a process and all below it. The main thread of a Node process is what bounds
 * its speed; other programs have none that means as much.
 * @param {number} rootPid
 */
export function usageOf(rootPid) {
  const tree = treeOf(rootPid);
  return {
    cpuSeconds: tree.reduce((sum, pid) => sum + (statOf(pid)?.cpuSeconds ?? 0), 0),
    mainThreadCpuSeconds: statOf(rootPid, `/proc/${rootPid}/task/${rootPid}/stat`)?.cpuSeconds ?? 0,
    rssBytes: tree.reduce((sum, pid) => sum + memoryOf(pid, 'VmRSS'), 0),
    rssPeakBytes: tree.reduce((sum, pid) => sum + memoryOf(pid, 'VmHWM'), 0),
  };
}

/**
 * CPU seconds of this process and of all that it started and that have ended: of load generators, after a load.
 * @returns {number}
 */
export function ownCpuSeconds() {
  return statOf(process.pid)?.cpuSeconds ?? 0;
}
