import type {
  Cell,
  Effect,
  GlobalStatus,
  Plan,
  PlanEffect,
  Reaction,
  StateRow,
  StateTable,
  TableEvent,
  Transaction,
  TransactionEvent,
} from '../../src/index.js';
import { tableEventOf } from '../../src/tables/state-table.js';
import type { Seen } from './search.js';

/** What a search has seen of a state x event table. */
export class SeenTable {
  readonly #seen = new Map<string, Set<string>>();

  constructor(private readonly table: StateTable) {}

  planned({ tx }: Seen, plan: Plan): void {
    for (const effect of planEffects(plan)) this.#note(tx.head.status, 'plan', effect);
  }

  reacted({ tx }: Seen, event: TransactionEvent, reaction: Reaction): void {
    this.#note(tx.head.status, tableEventOf(event), effectOf(tx, reaction));
  }

  /** Adds what another search has seen. */
  add(other: SeenTable): void {
    for (const [cell, effects] of other.#seen) {
      this.#seen.set(cell, new Set([...(this.#seen.get(cell) ?? []), ...effects]));
    }
  }

  /** Cells of the table that were never visited, and effects that it promises and nobody has seen. */
  missing(): readonly string[] {
    return cellsOf(this.table).flatMap(([cell, effects]) =>
      effects.filter((effect) => this.#seen.get(cell)?.has(effect) !== true).map((effect) => `${cell}: ${effect}`),
    );
  }

  /** Cells of the table, and those of them that were visited. */
  counts(): { readonly cells: number; readonly visited: number } {
    const cells = cellsOf(this.table);
    return { cells: cells.length, visited: cells.filter(([cell]) => this.#seen.has(cell)).length };
  }

  #note(status: GlobalStatus, event: TableEvent | 'plan', effect: Effect | PlanEffect): void {
    const cell = `${status} x ${event}`;
    const seen = this.#seen.get(cell);
    if (seen?.has(effect) === true) return;
    const row = this.table[status];
    if (row === 'never') throw new Error(`the table knows no status ${status}`);
    const promised = event === 'plan' ? row.plan.effects : effectsOf(row, event);
    if (!(promised as readonly string[]).includes(effect))
      throw new Error(`${cell}: ${effect}, where the table says ${promised.join(', ')}`);
    if (seen === undefined) this.#seen.set(cell, new Set([effect]));
    else seen.add(effect);
  }
}

/** What a table says of an event; operations of other types are never called, and what they answer changes nothing. */
function effectsOf(row: StateRow, event: TableEvent): readonly Effect[] {
  const cells: Readonly<Partial<Record<TableEvent, Cell<Effect>>>> = row.events;
  return cells[event]?.effects ?? ['unchanged'];
}

function cellsOf(table: StateTable): readonly (readonly [cell: string, effects: readonly string[]])[] {
  return Object.entries(table).flatMap(([status, row]) => {
    if (row === 'never') return [];
    const events = Object.entries(row.events).map(([event, { effects }]) => [`${status} x ${event}`, effects] as const);
    return [[`${status} x plan`, row.plan.effects] as const, ...events];
  });
}

function effectOf(tx: Transaction, reaction: Reaction): Effect {
  if (reaction.kind !== 'changed') return reaction.kind;
  const { status, isPaused } = reaction.mutation;
  if (status !== undefined && status !== tx.head.status) return `to ${status}`;
  if (isPaused !== undefined && isPaused !== tx.head.isPaused) return isPaused ? 'paused' : 'resumed';
  return 'recorded';
}

function planEffects(plan: Plan): readonly PlanEffect[] {
  switch (plan.kind) {
    case 'mutate':
      if (plan.mutation.status === undefined) throw new Error('a plan changes the status');
      return [`to ${plan.mutation.status}`];
    case 'calls':
      return [...new Set(plan.calls.map((call): PlanEffect => `call ${call.op}`))];
    default:
      return [plan.kind];
  }
}
