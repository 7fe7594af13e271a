import { claimableAt, type HeadFields, type StoredHead } from '@tandem/store';

/**
 * One transaction: head, body and rows in one document, since a document is what MongoDB changes atomically.
 *
 * What is undefined in a head is absent here, so that the partial indexes hold only what is looked for in them.
 */
export interface TransactionDocument {
  /** The gid. */
  readonly _id: string;
  readonly type: string;
  readonly status: string;
  readonly isPaused: boolean;
  readonly dueAt?: number;
  readonly waitsFor: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly finishedAt?: number;
  readonly state: string;
  readonly version: number;
  readonly epoch: number;
  readonly leaseOwner: string;
  readonly leaseUntil: number;
  /** Of the last write or claim. */
  readonly token: string;
  /** Of the claim that took the lease which is held now; commits that keep the lease leave it. */
  readonly claim?: string;
  /** Exactly while it is unfinished. */
  readonly open?: 1;
  /** From when on it can be claimed. */
  readonly claimableAt?: number;
  /** `waitsFor`, exactly while it can be woken by it. */
  readonly waits?: string;
  /** null: spilled under `bodySlot`. */
  readonly body: string | null;
  /** By slot; null: spilled. */
  readonly rows: Readonly<Record<string, string | null>>;
  /** Where spilled texts are, by slot. */
  readonly parts?: Readonly<Record<string, PartReference>>;
  /** UTF-16 code units of the texts that the document has taken in, those since replaced included. */
  readonly inlineSize: number;
  /** The same of the texts beside it. */
  readonly spilledSize: number;
}

/** A text that lies in documents of its own, written before the reference and never changed. */
export interface PartReference {
  /** Of the write that brought it. */
  readonly token: string;
  readonly count: number;
}

/** One piece of a spilled text; `partKey` makes its key. */
export interface PartDocument {
  readonly _id: string;
  readonly gid: string;
  readonly slot: string;
  readonly token: string;
  /** When it was written, UTC ms by the writer's clock: what is old and not referenced is garbage. */
  readonly at: number;
  readonly text: string;
}

export interface KeyValueDocument {
  /** Category and key; orders the keys of a category by their bytes. */
  readonly _id: string;
  readonly category: string;
  readonly key: string;
  readonly value: string;
  readonly version: number;
  readonly isDeleted: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Of the last change, so that one whose reply was lost is recognised. */
  readonly token: string;
}

/** The schema's number, and whatever else is one of a kind. */
export interface MetaDocument {
  readonly _id: string;
  readonly number?: number;
  readonly at?: Date;
}

/** Where the body's reference is; rows' slots have a colon in them. */
export const bodySlot = 'body';

/** The fields of a document that make a head. */
export const headProjection = {
  type: 1,
  status: 1,
  isPaused: 1,
  dueAt: 1,
  waitsFor: 1,
  createdAt: 1,
  updatedAt: 1,
  finishedAt: 1,
  state: 1,
  version: 1,
  epoch: 1,
  leaseOwner: 1,
  leaseUntil: 1,
} as const;

export type HeadDocument = Pick<TransactionDocument, '_id' | keyof typeof headProjection>;

export function headOf(document: HeadDocument): StoredHead {
  return {
    gid: document._id,
    type: document.type,
    status: document.status,
    isPaused: document.isPaused,
    dueAt: document.dueAt,
    waitsFor: document.waitsFor,
    createdAt: document.createdAt,
    updatedAt: document.updatedAt,
    finishedAt: document.finishedAt,
    state: document.state,
    version: document.version,
    epoch: document.epoch,
    leaseOwner: document.leaseOwner,
    leaseUntil: document.leaseUntil,
  };
}

/** What every write sets of a head; undefined: absent. */
export function changingFields(
  head: HeadFields,
  leaseUntil: number,
): Partial<Record<keyof TransactionDocument, unknown>> {
  const claimable = claimableAt(head, leaseUntil);
  return {
    status: head.status,
    isPaused: head.isPaused,
    dueAt: head.dueAt,
    waitsFor: head.waitsFor,
    updatedAt: head.updatedAt,
    finishedAt: head.finishedAt,
    state: head.state,
    open: head.finishedAt === undefined ? 1 : undefined,
    claimableAt: claimable,
    waits: claimable !== undefined && head.waitsFor !== '' ? head.waitsFor : undefined,
  };
}
