import { TandemError, transactionTypes, type GlobalStatus } from '@tandem/protocol';

const statuses: Readonly<Record<GlobalStatus, true>> = {
  prepared: true,
  submitted: true,
  aborting: true,
  succeed: true,
  failed: true,
};

/** Every status that a transaction can have. */
export const statusNames: readonly string[] = Object.keys(statuses);

/** DTM's types. */
export const typeNames: readonly string[] = transactionTypes;

/** A name, if it is among those that are known. Throws INVALID_REQUEST: a misspelt filter would list nothing, as if all were well. */
export function knownName(name: string, text: string, known: readonly string[]): string {
  if (known.includes(text)) return text;
  throw new TandemError('INVALID_REQUEST', `${name} must be one of ${known.join(', ')}`);
}
