import { payloadText } from './payload.js';

/**
 * What is left of a value that was written as JSON and read again: a `Date` is a string, methods are gone. Results of steps
 * have this type from the first execution on, so that code which works once works after a crash as well.
 */
export type Recorded<T> = unknown extends T
  ? T
  : T extends { toJSON(): infer Json }
    ? Recorded<Json>
    : T extends string | number | boolean | null | undefined
      ? T
      : T extends NotJson
        ? never
        : // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- of an action that answers nothing
          T extends void
          ? undefined
          : T extends readonly unknown[]
            ? { [Index in keyof T]: Recorded<T[Index]> }
            : { [Key in keyof T as T[Key] extends Method ? never : Key]: Recorded<T[Key]> };

type Method = (...args: never) => unknown;
/** What JSON has no form for; it is refused at run time. */
type NotJson = bigint | symbol | Method | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

/** Takes a value through JSON. Throws `INVALID_PAYLOAD` for what JSON cannot say. */
export function recorded<T>(owner: string, value: T): Recorded<T> {
  if (value === undefined) return undefined as Recorded<T>;
  return JSON.parse(payloadText(owner, value)) as Recorded<T>;
}
