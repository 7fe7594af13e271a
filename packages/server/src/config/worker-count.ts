import type { SettingKind } from './setting.js';

const workersMax = 256;

/** A number of processes, or `auto`. */
export const workerCount: SettingKind<number | 'auto'> = {
  label: 'whole number or auto',
  read(value) {
    if (value === 'auto') return value;
    const number = typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= workersMax) return number;
    throw new Error(`a whole number from 1 to ${String(workersMax)}, or auto`);
  },
  show: String,
};
