import { InvalidUse } from '../errors.js';

/** A table's name as SQL, quoted part by part. Throws `INVALID_OPTION` for what is not `table` or `schema.table`. */
export function quotedTableName(name: string): string {
  const parts = name.split('.');
  if (parts.length > 2 || !parts.every((part) => /^[A-Za-z_][A-Za-z0-9_$]*$/.test(part))) {
    throw new InvalidUse('INVALID_OPTION', `"${name}" is not the name of a table`);
  }
  return parts.map((part) => `"${part}"`).join('.');
}
