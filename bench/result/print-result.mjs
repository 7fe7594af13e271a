/** Shows figures to a person: one result, or two side by side. */
import { shown } from './markdown-table.mjs';

/**
 * @typedef {Record<string, unknown>} Figures
 * @typedef {object} Result
 * @property {string} label
 * @property {string} [store]
 * @property {string} date
 * @property {number} loadAverageBefore of the machine, over the minute before: a busy one makes everything slower
 * @property {number} echoPerSecond
 * @property {Record<string, unknown[]>} results
 */

/** @param {unknown} value */
function show(value) {
  return typeof value === 'number' ? shown(value) : JSON.stringify(value);
}

/** @param {Result} result */
export function printResult({ label, date, echoPerSecond, loadAverageBefore, results }) {
  const machine = `load average before ${show(loadAverageBefore)}`;
  console.log(`\n${label}, ${date}; plain node:http echo ${show(echoPerSecond)}/s; ${machine}`);
  for (const [scenario, runs] of Object.entries(results)) {
    for (const figures of /** @type {Figures[]} */ (runs)) {
      console.log(
        `\n${scenario}${figures['connections'] === undefined ? '' : ` at ${show(figures['connections'])} in flight`}`,
      );
      for (const [name, value] of Object.entries(figures)) {
        if (name !== 'connections') console.log(`  ${name.padEnd(28)} ${show(value)}`);
      }
      const perSecond = figures['perSecond'];
      if (typeof perSecond === 'number')
        console.log(`  ${'of the echo'.padEnd(28)} ${show(perSecond / echoPerSecond)}`);
    }
  }
}

/** @param {Result} a @param {Result} b @returns {string[]} a Markdown table */
export function comparisonLines(a, b) {
  const lines = [`| | ${a.label} | ${b.label} | ratio |`, '| --- | --- | --- | --- |'];
  const row = (/** @type {string} */ name, /** @type {unknown} */ left, /** @type {unknown} */ right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return;
    lines.push(`| ${name} | ${show(left)} | ${show(right)} | ${right === 0 ? '' : show(left / right)} |`);
  };
  row('echo, requests/s', a.echoPerSecond, b.echoPerSecond);
  for (const [scenario, runs] of Object.entries(a.results)) {
    for (const figures of /** @type {Figures[]} */ (runs)) {
      const at = figures['connections'];
      const others = /** @type {Figures[]} */ (b.results[scenario] ?? []);
      const other = others.find((candidate) => candidate['connections'] === at);
      const place = at === undefined ? scenario : `${scenario} at ${show(at)}`;
      for (const [name, value] of Object.entries(figures)) {
        if (name !== 'connections') row(`${place}, ${name}`, value, other?.[name]);
      }
    }
  }
  return lines;
}
