/**
 * Why a database is not to be had, as far as its driver's error tells: engines say the same in different codes, and what
 * a person has to do depends on nothing else.
 */
export type StoreObstacle =
  'unreachable' | 'starting' | 'credentials' | 'database' | 'permission' | 'certificate' | 'connections' | 'pooler';

const networkCodes =
  /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EPIPE|ENOENT$|CONNECT_TIMEOUT)/;
const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_TLS|^ERR_SSL|^EPROTO/;

const byCode: ReadonlyMap<string, StoreObstacle> = new Map([
  // PostgreSQL: SQLSTATE
  ['28P01', 'credentials'],
  ['28000', 'credentials'],
  ['3D000', 'database'],
  ['42501', 'permission'],
  ['57P03', 'starting'],
  ['53300', 'connections'],
  ['26000', 'pooler'],
  ['42P05', 'pooler'],
  // MySQL and MariaDB
  ['ER_ACCESS_DENIED_ERROR', 'credentials'],
  ['ER_ACCESS_DENIED_NO_PASSWORD_ERROR', 'credentials'],
  ['ER_BAD_DB_ERROR', 'database'],
  ['ER_DBACCESS_DENIED_ERROR', 'permission'],
  ['ER_TABLEACCESS_DENIED_ERROR', 'permission'],
  ['ER_CON_COUNT_ERROR', 'connections'],
  ['ER_TOO_MANY_USER_CONNECTIONS', 'connections'],
  // MongoDB
  ['18', 'credentials'],
  ['13', 'permission'],
]);

/** Redis: the first word of what it answers. */
const byWord: ReadonlyMap<string, StoreObstacle> = new Map([
  ['WRONGPASS', 'credentials'],
  ['NOAUTH', 'credentials'],
  ['NOPERM', 'permission'],
  ['LOADING', 'starting'],
]);

/** PostgreSQL's driver, which has no code for it: the server asks for a password, and there is none. */
const missingPassword = /^SASL: .*password must be/;

/** Looks through an error and its causes. Undefined: something else. */
export function storeObstacle(error: unknown): StoreObstacle | undefined {
  for (const one of withCauses(error)) {
    const obstacle = obstacleOf(one);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

function obstacleOf(error: Error): StoreObstacle | undefined {
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : '';
  const known = byCode.get(String(code)) ?? byWord.get(error.message.split(' ')[0] ?? '');
  if (known !== undefined) return known;
  if (missingPassword.test(error.message)) return 'credentials';
  if (networkCodes.test(String(code))) return 'unreachable';
  return certificateCodes.test(String(code)) ? 'certificate' : undefined;
}

const depthMax = 8;

/** An error, its causes, and what an AggregateError holds (one for each address of a name). */
function withCauses(error: unknown, depth = 0): readonly Error[] {
  if (!(error instanceof Error) || depth > depthMax) return [];
  const inner: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error, ...[error.cause, ...inner].flatMap((one) => withCauses(one, depth + 1))];
}
