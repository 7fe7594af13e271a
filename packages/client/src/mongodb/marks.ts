/**
 * The marks of a document: one field of it, which an update changes together with the rest.
 *
 *   tandem: {
 *     marks: { 'gid:branch:op:id': { reason, at } },   a barrier's row, and when it was written
 *     count: 1,                                        how many
 *     oldest: Date,                                    none is older
 *     cleanings: 1,                                    how often some were deleted
 *     isStub: true                                     stands where a document might have been
 *   }
 */
import type { BarrierRow } from '@tandem/protocol';
import type { Document } from 'mongodb';
import { keyOf } from '../barrier/row-key.js';
import { InvalidUse } from '../errors.js';

export interface Mark {
  readonly reason: string;
  readonly at: Date;
}

/** As it is stored. */
export interface Marks {
  readonly marks?: Readonly<Record<string, Mark>>;
  readonly count?: number;
  readonly oldest?: Date;
  readonly cleanings?: number;
  readonly isStub?: boolean;
}

/** Filters and updates on the field of this name. */
export class MarkField {
  readonly name: string;

  /** Throws `INVALID_OPTION` for a name with which paths would mean something else. */
  constructor(name: string) {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new InvalidUse('INVALID_OPTION', `"${name}" is not the name of a field`);
    this.name = name;
  }

  path(part: keyof Marks): string {
    return `${this.name}.${part}`;
  }

  pathOf(row: BarrierRow): string {
    return `${this.path('marks')}.${markName(row)}`;
  }

  has(row: BarrierRow): Document {
    return { [this.pathOf(row)]: { $exists: true } };
  }

  lacks(row: BarrierRow): Document {
    return { [this.pathOf(row)]: { $exists: false } };
  }

  fewerThan(marksMax: number): Document {
    return { [this.path('count')]: { $not: { $gte: marksMax } } };
  }

  /** The update, which writes these marks as well. */
  marking(update: Document, rows: readonly BarrierRow[], at: Date): Document {
    const marks = rows.map((row) => [this.pathOf(row), { reason: row.reason, at }] as const);
    return {
      ...update,
      $set: { ...(update['$set'] as Document | undefined), ...Object.fromEntries(marks) },
      $inc: { ...(update['$inc'] as Document | undefined), [this.path('count')]: rows.length },
      $min: { ...(update['$min'] as Document | undefined), [this.path('oldest')]: at },
    };
  }

  /** The marks of a new document, which has this one. */
  first(row: BarrierRow, at: Date): Marks {
    return { marks: { [markName(row)]: { reason: row.reason, at } }, count: 1, oldest: at };
  }

  of(document: Document): Marks {
    return (document[this.name] as Marks | undefined) ?? {};
  }

  reasonIn(document: Document, row: BarrierRow): string | undefined {
    return this.of(document).marks?.[markName(row)]?.reason;
  }

  /** Throws `INVALID_OPTION` for what no mark can be added to, and for what touches the marks. */
  refuseUnmergeable(update: Document): void {
    const operators = Object.entries(update);
    if (Array.isArray(update) || operators.length === 0 || !operators.every(([name]) => name.startsWith('$'))) {
      const told = 'the update must be of operators, such as { $inc: { pieces: -1 } }: its mark is one more of them';
      throw new InvalidUse('INVALID_OPTION', told);
    }
    const paths = operators.flatMap(([, fields]) => Object.keys(fields as Document));
    if (!paths.some((path) => path === this.name || path.startsWith(`${this.name}.`))) return;
    throw new InvalidUse('INVALID_OPTION', `"${this.name}" holds the marks of the barriers: no update may touch it`);
  }
}

/** A field's name may hold no dot, and a colon must separate. */
function markName(row: BarrierRow): string {
  return keyOf(row)
    .map((part) => encodeURIComponent(part).replaceAll('.', '%2E'))
    .join(':');
}
