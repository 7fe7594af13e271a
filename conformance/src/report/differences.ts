import { isDeepStrictEqual } from 'node:util';
import { differenceOf, type Case, type Facts } from '../case.js';
import type { Observation } from '../run-cases.js';

/** One line of the table: a case whose facts differ between the two recorded runs. */
interface Row {
  readonly one: Case;
  readonly wires: readonly string[];
  readonly dtm: Facts;
  readonly tandem: Facts;
  readonly verdict: string;
  readonly reason: string;
}

export const tableStart =
  '<!-- table: written from recorded runs by `npm run conformance -- --write-docs`, do not edit -->';
export const tableEnd = '<!-- table end -->';

/** The table of differences between two recorded runs, as Markdown. */
export function differenceTable(
  cases: readonly Case[],
  dtm: readonly Observation[],
  tandem: readonly Observation[],
): string {
  const rows = rowsOf(cases, dtm, tandem);
  const lines = rows.map(({ one, wires, verdict, reason, ...seen }) => {
    const [theirs, ours] = onlyWhatDiffers(seen.dtm, seen.tandem);
    const cells = [`\`${one.id}\``, wires.join(', '), one.does, code(theirs), code(ours), verdict, reason];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const same = dtm.length - rows.reduce((sum, { wires }) => sum + wires.length, 0);
  const head = ['Case', 'Wires', 'What happens', 'DTM', 'Tandem', 'Who is right', 'Why'];
  return [
    `${dtm.length} observations of ${cases.length} cases: ${same} the same, ${dtm.length - same} different.`,
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...lines,
  ].join('\n');
}

function rowsOf(cases: readonly Case[], dtm: readonly Observation[], tandem: readonly Observation[]): readonly Row[] {
  const rows: Row[] = [];
  for (const theirs of dtm) {
    const { id, wire, facts } = theirs;
    const one = cases.find((candidate) => candidate.id === id);
    const ours = tandem.find((candidate) => candidate.id === id && candidate.wire === wire);
    if (one === undefined || ours === undefined || isDeepStrictEqual(facts, ours.facts)) continue;
    const { verdict = 'not judged', reason = '' } = differenceOf(one, wire) ?? {};
    const last = rows.at(-1);
    const isSameAsLast =
      last?.one === one && isDeepStrictEqual([last.dtm, last.tandem, last.reason], [facts, ours.facts, reason]);
    if (isSameAsLast) rows[rows.length - 1] = { ...last, wires: [...last.wires, wire] };
    else rows.push({ one, wires: [wire], dtm: facts, tandem: ours.facts, verdict, reason });
  }
  return rows;
}

function onlyWhatDiffers(first: Facts, second: Facts): readonly [Facts, Facts] {
  const names = Object.keys({ ...first, ...second }).filter((name) => !isDeepStrictEqual(first[name], second[name]));
  const pick = (facts: Facts): Facts => Object.fromEntries(names.map((name) => [name, facts[name]]));
  return [pick(first), pick(second)];
}

function code(facts: Facts): string {
  return Object.entries(facts)
    .map(([name, value]) => `\`${name}: ${JSON.stringify(value)}\``)
    .join('<br>');
}

/** The document with its table replaced. */
export function withTable(document: string, table: string): string {
  const start = document.indexOf(tableStart);
  const end = document.indexOf(tableEnd);
  if (start < 0 || end < start) throw new Error('the document has no place for the table');
  return `${document.slice(0, start)}${tableStart}\n\n${table}\n\n${document.slice(end)}`;
}
