import { createBarrierTable, sequelizeBarriers } from '@tandem/client/sequelize';
import { Sequelize, type Transaction } from 'sequelize';
import { libraryCases, type Library, type LibraryOptions } from './library-cases.js';

async function open(url: string, options: LibraryOptions): Promise<Library<Transaction>> {
  const sequelize = new Sequelize(url, { logging: false, pool: { max: 10 } });
  return {
    db: sequelizeBarriers(sequelize, options),
    source: sequelize,
    joined: (tx) => sequelizeBarriers(tx, options),
    begin: (work) => sequelize.transaction(work),
    run: (transaction, text) => sequelize.query(text, { transaction }),
    createTable: () => createBarrierTable(sequelize, options),
    close: () => sequelize.close(),
  };
}

libraryCases('Sequelize', 'PostgreSQL', open);
libraryCases('Sequelize', 'MariaDB', open);
