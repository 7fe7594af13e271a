/**
 * Texts that are too large for their transaction's document, in documents of their own.
 *
 * P1. A part is written before the reference to it, and never changed: who sees the reference sees the text.
 * P2. A part without a reference is garbage that harms nobody: its writer lost, or died before it published. Only what is old
 *     enough not to belong to a write under way is swept.
 */
import type { MongoCollections } from './mongo-collections.js';
import { duplicateKey, writeErrorsOf } from './mongo-fault.js';
import type { PartDocument, PartReference } from './documents.js';
import { splitText } from './split-text.js';

/** In UTF-16 code units: at most three times as many bytes, far from what a document may hold. */
const pieceSize = 2 << 20;
/** Pieces in one round trip, by the size of their texts, so that no reply or request grows without bound. */
const requestSize = 8 << 20;

/** What is to be written of one item. */
export interface SpilledTexts {
  readonly gid: string;
  readonly token: string;
  readonly at: number;
  readonly texts: ReadonlyMap<string, string>;
}

/** One text that a document refers to. */
export interface WantedPart {
  readonly gid: string;
  readonly slot: string;
  readonly reference: PartReference;
}

export class MongoParts {
  readonly #collections: MongoCollections;

  constructor(collections: MongoCollections) {
    this.#collections = collections;
  }

  /** Writes all texts; what a try before has written already stays. */
  async write(all: readonly SpilledTexts[]): Promise<void> {
    for (const documents of inRequests(all.flatMap(documentsOf))) {
      try {
        await this.#collections.parts.insertMany(documents, { ordered: false });
      } catch (error) {
        const errors = writeErrorsOf(error);
        if (errors === undefined || errors.some(({ code }) => code !== duplicateKey)) throw error;
      }
    }
  }

  /** The texts of the references, by `textKey`; those that are gone are left out. */
  async read(wanted: readonly WantedPart[]): Promise<ReadonlyMap<string, string>> {
    const pieces = new Map<string, string>();
    const keys = wanted.flatMap(keysOf);
    for (let start = 0; start < keys.length; start += 100) {
      const found = this.#collections.parts.find(
        { _id: { $in: keys.slice(start, start + 100) } },
        { projection: { text: 1 } },
      );
      for await (const { _id, text } of found) pieces.set(_id, text);
    }
    const texts = new Map<string, string>();
    for (const part of wanted) {
      const own = keysOf(part).map((key) => pieces.get(key));
      if (!own.includes(undefined)) texts.set(textKey(part.gid, part.slot), own.join(''));
    }
    return texts;
  }

  /** Deletes the parts of what was deleted. */
  async delete(unwanted: readonly WantedPart[]): Promise<void> {
    const keys = unwanted.flatMap(keysOf);
    if (keys.length > 0) await this.#collections.parts.deleteMany({ _id: { $in: keys } });
  }
}

export function textKey(gid: string, slot: string): string {
  return `${slot} ${gid}`;
}

/** Where the texts of an item will be. */
export function referencesOf({ token, texts }: SpilledTexts): ReadonlyMap<string, PartReference> {
  return new Map(
    [...texts].map(([slot, text]) => [slot, { token, count: splitText(text, pieceSize).length }] as const),
  );
}

/** The references of a document as what to read. */
export function wantedParts(
  gid: string,
  parts: Readonly<Record<string, PartReference>> | undefined,
): readonly WantedPart[] {
  return Object.entries(parts ?? {}).map(([slot, reference]) => ({ gid, slot, reference }));
}

function documentsOf({ gid, token, at, texts }: SpilledTexts): readonly PartDocument[] {
  return [...texts].flatMap(([slot, text]) =>
    splitText(text, pieceSize).map((piece, index) => {
      return { _id: partKey(gid, slot, token, index), gid, slot, token, at, text: piece };
    }),
  );
}

function keysOf({ gid, slot, reference }: WantedPart): readonly string[] {
  return Array.from({ length: reference.count }, (_, index) => partKey(gid, slot, reference.token, index));
}

function partKey(gid: string, slot: string, token: string, index: number): string {
  return JSON.stringify([gid, token, slot, index]);
}

function* inRequests(documents: readonly PartDocument[]): Generator<readonly PartDocument[]> {
  let request: PartDocument[] = [];
  let size = 0;
  for (const document of documents) {
    if (request.length > 0 && size + document.text.length > requestSize) {
      yield request;
      request = [];
      size = 0;
    }
    request.push(document);
    size += document.text.length;
  }
  if (request.length > 0) yield request;
}
