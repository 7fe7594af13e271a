/** What a create or a commit asks of MongoDB: plain documents, no I/O. */
import type { CommitItem, CreateItem, LeaseChange } from '@tandem/store';
import type { AnyBulkWriteOperation } from 'mongodb';
import { bodySlot, changingFields, type PartReference, type TransactionDocument } from './documents.js';
import type { PlacedTexts } from './spill.js';

/** What a commit has to know of the document before it can say what to write. */
export interface DocumentBefore {
  readonly _id: string;
  readonly version: number;
  readonly epoch: number;
  readonly token: string;
  readonly leaseUntil: number;
  readonly inlineSize: number;
}

export const beforeProjection = { version: 1, epoch: 1, token: 1, leaseUntil: 1, inlineSize: 1 } as const;

type References = ReadonlyMap<string, PartReference>;

export function insertOf(item: CreateItem, texts: PlacedTexts, references: References): TransactionDocument {
  const { gid, head, lease, token } = item;
  const leaseUntil = lease?.untilMs ?? 0;
  const rows: Record<string, string | null> = {};
  for (const [slot, value] of placedValues(texts)) if (slot !== bodySlot) rows[slot] = value;
  return withoutUndefined({
    _id: gid,
    type: head.type,
    createdAt: head.createdAt,
    ...changingFields(head, leaseUntil),
    version: 1,
    epoch: lease === undefined ? 0 : 1,
    leaseOwner: lease?.owner ?? '',
    leaseUntil,
    token,
    body: texts.inline.get(bodySlot) ?? null,
    rows,
    parts: references.size === 0 ? undefined : Object.fromEntries(references),
    inlineSize: texts.inlineSize,
    spilledSize: texts.spilledSize,
  }) as unknown as TransactionDocument;
}

/** An update that changes nothing unless the version is still the expected one. */
export function updateOf(
  item: CommitItem,
  before: DocumentBefore,
  texts: PlacedTexts,
  references: References,
): AnyBulkWriteOperation<TransactionDocument> {
  const { gid, head, lease, token, expectedVersion } = item;
  const leaseUntil = leaseUntilAfter(lease, before.leaseUntil);
  const set: Record<string, unknown> = { ...changingFields(head, leaseUntil), token, ...leaseFields(lease) };
  for (const [slot, value] of placedValues(texts)) set[`rows.${slot}`] = value;
  for (const [slot, reference] of references) set[`parts.${slot}`] = reference;
  const unset: Record<string, true> = {};
  for (const [name, value] of Object.entries(set)) if (value === undefined) unset[name] = true;
  const update = {
    $set: withoutUndefined(set),
    ...(Object.keys(unset).length === 0 ? {} : { $unset: unset }),
    $inc: {
      version: 1,
      epoch: lease.kind === 'take' ? 1 : 0,
      inlineSize: texts.inlineSize,
      spilledSize: texts.spilledSize,
    },
  };
  return { updateOne: { filter: { _id: gid, version: expectedVersion }, update } };
}

function leaseUntilAfter(lease: LeaseChange, before: number): number {
  switch (lease.kind) {
    case 'keep':
      return before;
    case 'release':
      return 0;
    case 'renew':
    case 'take':
      return lease.untilMs;
  }
}

function leaseFields(lease: LeaseChange): Partial<Record<keyof TransactionDocument, unknown>> {
  switch (lease.kind) {
    case 'keep':
      return {};
    case 'renew':
      return { leaseUntil: lease.untilMs };
    case 'release':
      return { leaseOwner: '', leaseUntil: 0, claim: undefined };
    case 'take':
      return { leaseOwner: lease.owner, leaseUntil: lease.untilMs, claim: undefined };
  }
}

function* placedValues({ inline, spilled }: PlacedTexts): Generator<readonly [string, string | null]> {
  yield* inline;
  for (const slot of spilled.keys()) yield [slot, null];
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
