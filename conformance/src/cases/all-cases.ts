import type { Case } from '../case.js';
import { sagaCases } from './saga-cases.js';

/** Every case, grouped as the table is. */
export const allCases: readonly Case[] = [...sagaCases];
