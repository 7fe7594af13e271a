import { InvariantError } from '../errors.js';
import type { GlobalStatus } from '../transaction/transaction.js';
import type { Cell, Effect, PlanEffect, StateTable } from './state-table.js';

const start = '<!-- table: printed by packages/protocol/scripts/print-tables.mjs, do not edit -->';
const end = '<!-- table end -->';

/** A row of any type's table. */
interface Row {
  readonly plan: Cell<PlanEffect>;
  readonly events: Readonly<Record<string, Cell<Effect>>>;
}

interface Column {
  readonly status: GlobalStatus;
  readonly row: Row;
}

/** One line of a printed table: events that are told together, and how each is called. */
interface EventGroup {
  readonly label: string;
  readonly first: string;
}

/** A document with its printed part replaced. Throws where it has none. */
export function withTable(document: string, table: StateTable): string {
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error('the document has no place for its table');
  return `${document.slice(0, from)}${start}\n\n${renderTable(table)}\n\n${document.slice(to)}`;
}

/** A table as Markdown: an overview of status x event, then each status with the reasons. */
function renderTable(table: StateTable): string {
  const columns = columnsOf(table);
  return [overview(columns), ...sections(columns)].join('\n\n');
}

function columnsOf(table: StateTable): readonly Column[] {
  const statuses = Object.entries(table) as [GlobalStatus, Row | 'never'][];
  return statuses.flatMap(([status, row]) => (row === 'never' ? [] : [{ status, row }]));
}

function overview(columns: readonly Column[]): string {
  const effects = (event: string) => columns.map(({ row }) => effectsText(cellOf(row, event)));
  return aligned([
    ['', ...columns.map(({ status }) => status)],
    ['_the plan_', ...columns.map(({ row }) => effectsText(row.plan))],
    ...groupsOf(columns, (event) => effects(event).join('|')).map(({ label, first }) => [label, ...effects(first)]),
  ]);
}

/** A section for each status; those that do the same in every cell share one. */
function sections(columns: readonly Column[]): readonly string[] {
  const bodies = new Map<string, GlobalStatus[]>();
  for (const column of columns) {
    const body = sectionBody(column);
    bodies.set(body, [...(bodies.get(body) ?? []), column.status]);
  }
  return [...bodies].map(([body, statuses]) => `### ${statuses.join(' and ')}\n\n${body}`);
}

function sectionBody({ status, row }: Column): string {
  const text = (event: string) => [effectsText(cellOf(row, event)), cellOf(row, event).note];
  return aligned([
    ['', 'effect', 'why and how'],
    ['_the plan_', effectsText(row.plan), row.plan.note],
    ...groupsOf([{ status, row }], (event) => text(event).join('|')).map(({ label, first }) => [label, ...text(first)]),
  ]);
}

function cellOf({ events }: Row, event: string): Cell<Effect> {
  const found = events[event];
  if (found === undefined) throw new InvariantError(`the table has no cell for ${event}`);
  return found;
}

/** Events that do the same, as far as `sameness` tells: answers of one operation together, others alone. */
function groupsOf(columns: readonly Column[], sameness: (event: string) => string): readonly EventGroup[] {
  const groups = new Map<string, string[]>();
  for (const event of Object.keys(columns[0]?.row.events ?? {})) {
    const [op = '', result] = event.split(' ');
    const key = result === undefined ? event : `${op} ${sameness(event)}`;
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return [...groups.values()].flatMap((events) => {
    const [first] = events;
    return first === undefined ? [] : [{ label: labelOf(events), first }];
  });
}

function labelOf(events: readonly string[]): string {
  const [op = '', result] = (events[0] ?? '').split(' ');
  if (result === undefined) return `\`${op}\``;
  return `\`${op}\` answers ${events.map((event) => event.split(' ')[1] ?? '').join(', ')}`;
}

function effectsText(cell: Cell<string>): string {
  return cell.effects.map((effect) => (effect.startsWith('to ') ? `→ **${effect.slice(3)}**` : effect)).join(' / ');
}

/** As Prettier writes tables, so that printing and formatting agree. */
function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const text = (line: readonly string[]) => `| ${line.map((part, at) => part.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head, ...rest] = lines.map(text);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest].join('\n');
}
