import type { Catch } from './catch-defect.js';

const start = '<!-- list: written by npm run sabotage -- --write, do not edit -->';
const end = '<!-- list end -->';

/** The document with the list of defects in it, and the seeds that catch them. */
export function withCatches(document: string, catches: readonly Catch[]): string {
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error('the document has no place for its list');
  return `${document.slice(0, from)}${start}\n\n${tableOf(catches)}\n\n${document.slice(to)}`;
}

/** As Prettier writes tables. */
function tableOf(catches: readonly Catch[]): string {
  const rows = catches.map(({ defect, seed, kinds }) => [
    `\`${defect.name}\``,
    defect.what,
    seed === undefined ? 'none' : String(seed),
    kinds.join(', '),
  ]);
  const lines = [['defect', 'what is wrong', 'first seed', 'what the oracles say'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const text = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [text(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(text)].join('\n');
}
