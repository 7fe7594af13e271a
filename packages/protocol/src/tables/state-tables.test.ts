import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messageTable } from '../message/message-table.js';
import { sagaTable } from '../saga/saga-table.js';
import { withTable } from './render-table.js';
import { tableEventOf, type Effect, type PlanEffect, type StateTable } from './state-table.js';
import type { GlobalStatus, Mutation, Plan, Reaction, Transaction } from '../index.js';
import { messageSearches, sagaSearches } from '../../test/support/search-cases.js';
import { search, type Search } from '../../test/support/search.js';

describe.each([
  ['saga', sagaTable, sagaSearches],
  ['message', messageTable, messageSearches],
])('the table of the %s', (name, table, searches) => {
  const seen = observe(Object.values(searches));

  test('names every status that can be reached, and no other', () => {
    const declared = (Object.keys(table) as GlobalStatus[]).filter((status) => table[status] !== 'never');
    expect([...seen.keys()].sort()).toEqual(declared.sort());
  });

  test('says exactly what events and plans do', () => {
    expect(toObject(seen)).toEqual(effectsOf(table));
  });

  test('is the one in the documentation', () => {
    const path = new URL(`../../../../docs/protocol/${name}.md`, import.meta.url);
    const document = readFileSync(path, 'utf8');
    expect(document).toBe(withTable(document, table));
  });
});

type SeenEffects = Map<string, Map<string, Set<Effect | PlanEffect>>>;

function observe(searches: readonly Search[]): SeenEffects {
  const seen: SeenEffects = new Map();
  const note = (status: string, event: string, effect: Effect | PlanEffect) => {
    const ofStatus = seen.get(status) ?? new Map<string, Set<Effect | PlanEffect>>();
    seen.set(status, ofStatus);
    ofStatus.set(event, (ofStatus.get(event) ?? new Set()).add(effect));
  };
  for (const options of searches) {
    search(options, {
      planned: ({ tx }, plan) => planEffects(plan).forEach((effect) => note(tx.head.status, 'plan', effect)),
      reacted: ({ tx }, event, reaction) => note(tx.head.status, tableEventOf(event), effectOf(tx, reaction)),
    });
  }
  return seen;
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
      return [`to ${statusOf(plan.mutation)}`];
    case 'calls':
      return [...new Set(plan.calls.map((call): PlanEffect => `call ${call.op}`))];
    default:
      return [plan.kind];
  }
}

function statusOf(mutation: Mutation): GlobalStatus {
  if (mutation.status === undefined) throw new Error('a plan changes the status');
  return mutation.status;
}

function toObject(seen: SeenEffects): unknown {
  return Object.fromEntries(
    [...seen].map(([status, events]) => [
      status,
      Object.fromEntries([...events].map(([event, effects]) => [event, [...effects].sort()])),
    ]),
  );
}

function effectsOf(table: StateTable): unknown {
  return Object.fromEntries(
    Object.entries(table).flatMap(([status, row]) => {
      if (row === 'never') return [];
      const events = Object.entries(row.events).map(([event, { effects }]) => [event, [...effects].sort()]);
      return [[status, Object.fromEntries([['plan', [...row.plan.effects].sort()], ...events])]];
    }),
  );
}
