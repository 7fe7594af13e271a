import { createBarrierTable, mikroOrmBarriers } from '@tandem/client/mikro-orm';
import { EntitySchema } from '@mikro-orm/core';
import { MikroORM as OnMariadb, type SqlEntityManager } from '@mikro-orm/mariadb';
import { MikroORM as OnPostgres } from '@mikro-orm/postgresql';
import { libraryCases, type Library, type LibraryOptions } from './library-cases.js';

const account = new EntitySchema<{ balance: number }>({
  name: 'Account',
  tableName: 'account',
  properties: { balance: { type: 'integer', primary: true } },
});
const settings = { entities: [account], connect: false, discovery: { warnWhenNoEntities: false } };

const isOnPg = (em: SqlEntityManager) => em.getDriver().constructor.name === 'PostgreSqlDriver';

interface Orm {
  readonly em: unknown;
  close(): Promise<void>;
}

function libraryOf(orm: Orm, options: LibraryOptions): Library<SqlEntityManager> {
  const em = orm.em as SqlEntityManager;
  return {
    db: mikroOrmBarriers(em, options),
    source: em,
    joined: (tx) => mikroOrmBarriers(tx, options),
    begin: (work) => em.fork().transactional(work),
    run: (tx, text) => tx.execute(text),
    createTable: () => createBarrierTable(em, options),
    close: () => orm.close(),
    // Version 7 (7.2) never gives back a client of `pg` whose connection died, and its `close` waits for it for ever.
    ...('getDefaultClientUrl' in em.getPlatform() && isOnPg(em) && { isLostWithItsConnection: true }),
  };
}

libraryCases('MikroORM', 'PostgreSQL', async (url, options) =>
  libraryOf(await OnPostgres.init({ ...settings, clientUrl: url }), options),
);
libraryCases('MikroORM', 'MariaDB', async (url, options) =>
  libraryOf(await OnMariadb.init({ ...settings, clientUrl: url }), options),
);
