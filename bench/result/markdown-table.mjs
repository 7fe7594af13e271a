/** @param {unknown} value a number with three figures that count; what is not there is left empty */
export function shown(value) {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return value === undefined ? '' : JSON.stringify(value);
  if (!Number.isFinite(value)) return '';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** @param {readonly string[]} head @param {readonly (readonly unknown[])[]} rows @returns {string[]} lines */
export function markdownTable(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(shown)))];
}
