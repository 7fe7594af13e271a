import { StoreError } from '@tandem/store';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { codeOfCause } from './code-of-cause.js';
import type { DtmTables } from './dtm-tables.js';
import { wallTimeOf, zoneOffsetMs } from './dtm-time.js';
import { readDtmTables, type Row } from './read-dtm-tables.js';

/**
 * DTM's tables on MySQL or MariaDB. `url` is `mysql://user:password@host:port/database`; `?timeZone=+08:00` names the zone that
 * DTM's machine lives in (default: UTC), since its columns keep none.
 */
export async function openMysqlDtm(url: string): Promise<DtmTables> {
  const parsed = new URL(url);
  const zone = parsed.searchParams.get('timeZone') ?? '+00:00';
  const misspelt = [...parsed.searchParams.keys()].find((name) => name !== 'timeZone' && /^time[_-]?zone$/i.test(name));
  if (misspelt !== undefined) {
    throw new StoreError('incompatible', `?${misspelt} is not known: the zone of DTM's machine is ?timeZone=%2B08:00`);
  }
  const offsetMs = zoneOffsetMs(zone);
  if (offsetMs === undefined) {
    throw new StoreError('incompatible', `timeZone must be an offset such as +08:00, not "${zone}"`);
  }
  parsed.searchParams.delete('timeZone');
  const connection = await guarded(() =>
    createConnection({ uri: parsed.href, dateStrings: true, charset: 'utf8mb4', supportBigNumbers: true }),
  );
  return readDtmTables({
    async rows(sql, parameters) {
      const [rows] = await guarded(() => connection.query<(RowDataPacket & Row)[]>(sql, [...parameters]));
      return rows;
    },
    timeOf: (value) => wallTimeOf(value, offsetMs),
    isMissingTable: (error) => codeOfCause(error) === 'ER_NO_SUCH_TABLE',
    close: () => connection.end(),
  });
}

async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StoreError('unavailable', `MySQL: ${message}`, { cause: error });
  }
}
