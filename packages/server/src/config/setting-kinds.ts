import type { SettingKind } from './setting.js';

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): SettingKind<number> {
  return {
    label: 'whole number',
    read(value) {
      const number = toNumber(value);
      if (Number.isInteger(number) && number >= min && number <= max) return number;
      throw new Error(`a whole number from ${String(min)} to ${String(max)}`);
    },
    show: String,
  };
}

/** A number from `min` to `max`, fractions allowed. */
export function decimal(min: number, max: number): SettingKind<number> {
  return {
    label: 'number',
    read(value) {
      const number = toNumber(value);
      if (number >= min && number <= max) return number;
      throw new Error(`a number from ${String(min)} to ${String(max)}`);
    },
    show: String,
  };
}

/** A time given in seconds (fractions allowed, limits in seconds), resolved to whole milliseconds. */
export function seconds(min: number, max: number): SettingKind<number> {
  return {
    label: 'seconds',
    read(value) {
      const number = toNumber(value);
      if (number >= min && number <= max) return Math.round(number * 1000);
      throw new Error(`a number of seconds from ${String(min)} to ${String(max)}`);
    },
    show: (milliseconds) => String(milliseconds / 1000),
  };
}

/** Any text. */
export const text: SettingKind<string> = {
  label: 'text',
  read(value) {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new Error('a text');
  },
  show: (value) => value,
};

/** A text that says something: an empty path or address would quietly mean another place than anybody named. */
export const name: SettingKind<string> = {
  label: 'text',
  read(value) {
    const given = text.read(value);
    if (given.trim() !== '') return given;
    throw new Error('a text that is not empty');
  },
  show: (value) => value,
};

/** A text; an empty one says nothing. */
export const optionalText: SettingKind<string | undefined> = {
  label: 'text',
  read(value) {
    const given = text.read(value);
    return given.trim() === '' ? undefined : given;
  },
  show: (value) => value ?? 'none',
};

/** An http or https URL, or nothing. */
export const httpUrl: SettingKind<string> = {
  label: 'URL',
  read(value) {
    if (value === '') return '';
    if (typeof value === 'string' && /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : '')) return value;
    throw new Error('an http:// or https:// URL');
  },
  show: (value) => value,
};

/** Yes or no. */
export const toggle: SettingKind<boolean> = {
  label: 'true or false',
  read(value) {
    const word = typeof value === 'string' ? value.toLowerCase() : value;
    if (word === true || word === 'true' || word === '1' || word === 1) return true;
    if (word === false || word === 'false' || word === '0' || word === 0) return false;
    throw new Error('true or false');
  },
  show: String,
};

/** One of some words. */
export function choice<const Word extends string>(words: readonly Word[]): SettingKind<Word> {
  return {
    label: words.join(', '),
    read(value) {
      const found = words.find((word) => word === value);
      if (found !== undefined) return found;
      throw new Error(`one of ${words.join(', ')}`);
    },
    show: (value) => value,
  };
}

/** A setting that stays undefined where nobody says anything; `otherwise` says what holds then. */
export function optional<T>(kind: SettingKind<T>, otherwise: string): SettingKind<T | undefined> {
  const redact = kind.redact?.bind(kind);
  return {
    label: kind.label,
    read: (value) => kind.read(value),
    show: (value) => (value === undefined ? otherwise : kind.show(value)),
    ...(redact && { redact: (value) => (value === undefined ? otherwise : redact(value)) }),
  };
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim())) return Number(value);
  return Number.NaN;
}
