import { InvalidUse } from '../errors.js';
import { checkNames, type OptionNames } from '../option-names.js';

/** A change of a whole number. Numbers up to 2^53 - 1. */
export interface Adjustment {
  /** What holds it; what undoes the change names the same one. */
  readonly key: string;
  /** Where the key is a hash: which field of it. */
  readonly field?: string;
  /** By how much; negative takes away. */
  readonly by: number;
  /** Refuse to take away more than leaves this. Asked only of a change downwards. */
  readonly min?: number;
  /** Refuse to add more than makes this. Asked only of a change upwards. */
  readonly max?: number;
  /** The reason of a refusal, for whoever submitted the transaction. Default: the number and what it may not become. */
  readonly refusal?: string;
}

const names: OptionNames<Adjustment> = { key: true, field: true, by: true, min: true, max: true, refusal: true };

/** The adjusting script's arguments. Throws `INVALID_OPTION` for what is not a whole number. */
export function adjustArgs(adjustment: Adjustment): readonly string[] {
  // Misspelt, a limit would be none.
  checkNames('adjust', adjustment, names);
  const { by, min, max, refusal, field } = adjustment;
  for (const [name, value] of Object.entries({ by, min: min ?? 0, max: max ?? 0 })) {
    if (Number.isSafeInteger(value)) continue;
    throw new InvalidUse('INVALID_OPTION', `${name} must be a whole number up to 2^53 - 1, not ${String(value)}`);
  }
  const limit = by > 0 ? max : min;
  return [String(by), limit === undefined ? '' : String(limit), refusal ?? '', ...(field === undefined ? [] : [field])];
}
