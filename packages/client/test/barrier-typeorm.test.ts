import { createBarrierTable, typeormBarriers } from '@tandem/client/typeorm';
import { DataSource, type DataSourceOptions, type EntityManager } from 'typeorm';
import { libraryCases, type Library, type LibraryOptions } from './library-cases.js';

async function open(settings: DataSourceOptions, options: LibraryOptions): Promise<Library<EntityManager>> {
  const source = await new DataSource(settings).initialize();
  return {
    db: typeormBarriers(source, options),
    source: source.manager,
    joined: (tx) => typeormBarriers(tx, options),
    begin: (work) => source.transaction(work),
    run: (tx, text) => tx.query(text),
    createTable: () => createBarrierTable(source, options),
    close: () => source.destroy(),
  };
}

const quiet = { logging: false } as const;

libraryCases('TypeORM', 'PostgreSQL', (url, options) =>
  open({ ...quiet, type: 'postgres', url, poolErrorHandler: () => undefined }, options),
);
libraryCases('TypeORM', 'MariaDB', (url, options) => open({ ...quiet, type: 'mariadb', url }, options));
