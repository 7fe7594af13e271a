/** The services in other languages: how each is called, and what its books say after it. */
import { goNeeded, hasGo } from '../../../scripts/languages/go.mjs';
import { hasPython, pythonNeeded } from '../../../scripts/languages/python.mjs';
import { goCoupon, pythonPayment, type Program } from '../src/system/other-languages.js';
import { mariadbUrl, openCoupons, openPayments, redisUrl, type Books } from './foreign-books.js';
import type { Branch } from './foreign-service.js';

export interface Mode {
  readonly type: Branch['type'];
  readonly forth: readonly [path: string, op: string];
  readonly back: readonly [path: string, op: string];
  readonly done: unknown;
  readonly undone: unknown;
  readonly confirm?: { readonly operation: readonly [path: string, op: string]; readonly state: unknown };
}

export interface Subject {
  readonly title: string;
  readonly isHere: boolean;
  readonly program: () => Promise<Program>;
  /** On the shared server, unless told which. */
  readonly open: (url?: string) => Promise<Books>;
  /** Its database's name among the services of the tests. */
  readonly engine: 'redis' | 'mariadb';
  /** Its database's URL where no database is. */
  readonly astray: Readonly<Record<string, string>>;
  readonly atFirst: unknown;
  readonly modes: readonly Mode[];
}

export const subjects: readonly Subject[] = [
  {
    title: `the coupon service in Go (needs ${goNeeded} and Redis)`,
    isHere: hasGo() && redisUrl !== '',
    program: goCoupon,
    open: (url = redisUrl) => openCoupons(url),
    engine: 'redis',
    astray: { REDIS_URL: 'redis://127.0.0.1:1' },
    atFirst: 1,
    modes: [
      { type: 'saga', forth: ['/use', 'action'], back: ['/return', 'compensate'], done: 0, undone: 1 },
      {
        type: 'tcc',
        forth: ['/hold', 'try'],
        back: ['/cancel', 'cancel'],
        done: 0,
        undone: 1,
        confirm: { operation: ['/confirm', 'confirm'], state: 0 },
      },
    ],
  },
  {
    title: `the payment service in Python (needs ${pythonNeeded} and MariaDB)`,
    isHere: hasPython() && mariadbUrl !== '',
    program: pythonPayment,
    open: (url = mariadbUrl) => openPayments(url),
    engine: 'mariadb',
    astray: { DATABASE_URL: 'mysql://root@127.0.0.1:1/none' },
    atFirst: [2_000, 'none'],
    modes: [
      {
        type: 'saga',
        forth: ['/pay', 'action'],
        back: ['/refund', 'compensate'],
        done: [1, 'paid'],
        undone: [2_000, 'refunded'],
      },
      {
        type: 'tcc',
        forth: ['/reserve', 'try'],
        back: ['/release', 'cancel'],
        done: [1, 'reserved'],
        undone: [2_000, 'released'],
        confirm: { operation: ['/capture', 'confirm'], state: [1, 'paid'] },
      },
    ],
  },
];
