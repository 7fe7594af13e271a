/** The barriers by Prisma: the cases of every library, and those of its own transactions. */
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { PrismaPg } from '@prisma/adapter-pg';
import { createBarrierTable, prismaBarriers } from '@tandem/client/prisma';
import { libraryCases, type Library, type LibraryOptions } from '../library-cases.js';
import { PrismaClient as OnMysql } from './generated/prisma-mysql/client.js';
import { PrismaClient, type ClientOptions, type TransactionClient } from './generated/prisma/client.js';
import { transactionCases } from './transaction-cases.js';

type Settings = Omit<ClientOptions, 'adapter'>;

const onPostgres = (url: string, settings?: Settings) =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString: url }), ...settings });
const onMariadb = (url: string, settings?: Settings) => new OnMysql({ adapter: new PrismaMariaDb(url), ...settings });

function libraryOf(prisma: PrismaClient, options: LibraryOptions): Library<TransactionClient> {
  return {
    db: prismaBarriers(prisma, options),
    source: prisma,
    joined: (tx) => prismaBarriers(tx, options),
    begin: (work) => prisma.$transaction(work),
    run: (tx, text) => tx.$executeRawUnsafe(text),
    createTable: () => createBarrierTable(prisma, options),
    close: () => prisma.$disconnect(),
  };
}

libraryCases('Prisma', 'PostgreSQL', async (url, options) => libraryOf(onPostgres(url), options));
libraryCases('Prisma', 'MariaDB', async (url, options) => libraryOf(onMariadb(url), options));
transactionCases('PostgreSQL', onPostgres);
transactionCases('MariaDB', onMariadb);
