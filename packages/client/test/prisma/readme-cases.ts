/** The README's example, on a real database. */
import { expect, test } from 'vitest';
import { openLibraryDatabase } from '../library-database.js';

test('a shelf behind Prisma', async () => {
  const database = await openLibraryDatabase('PostgreSQL', 'tandem_prisma_readme');
  process.env['DATABASE_URL'] = database.url;
  const { giveBack, prisma, take } = await import('./readme.js');
  try {
    await database.texts('create table shelf (item varchar(20) primary key, pieces integer not null)');
    await prisma.shelf.create({ data: { item: 'tea', pieces: 5 } });
    const call = async (handler: typeof take, op: string) => {
      const url = `http://me/?gid=g&trans_type=saga&branch_id=01&op=${op}`;
      return (await handler(new Request(url, { method: 'POST', body: '{"item":"tea"}' }))).status;
    };
    const pieces = () => database.texts('select pieces from shelf');
    expect([await call(take, 'action'), await call(take, 'action')]).toEqual([200, 200]);
    expect(await pieces()).toEqual(['4']);
    expect([await call(giveBack, 'compensate'), await call(giveBack, 'compensate')]).toEqual([200, 200]);
    expect(await pieces()).toEqual(['5']);
  } finally {
    await prisma.$disconnect();
    await database.close();
  }
});
