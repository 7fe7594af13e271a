import type { Answer } from './server-client.js';

/** Columns side by side. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A text or a number on one line, without what could move a terminal's cursor. */
export function lineOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  return value.replace(/\p{Cc}+/gu, ' ');
}

/** The objects of a list in an answer. */
export function answersOf(value: unknown): readonly Answer[] {
  return Array.isArray(value) ? value.filter(isAnswer) : [];
}

export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null;
}
