import type { SchemaIssue, StandardSchemaV1 } from './standard-schema.js';

/** A value that its schema refuses; the message names every place. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch';
}

/** The value as its schema makes it; as it is where there is none. Throws `SchemaMismatch`. */
export async function validated<T>(
  what: string,
  schema: StandardSchemaV1<unknown, T> | undefined,
  value: unknown,
): Promise<T> {
  if (schema === undefined) return value as T;
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  throw new SchemaMismatch(`${what} is not what its schema says: ${result.issues.map(toldIssue).join('; ')}`);
}

function toldIssue({ message, path = [] }: SchemaIssue): string {
  const at = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return at === '' ? message : `${at}: ${message}`;
}
