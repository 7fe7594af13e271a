import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, branchHandler } from '@tandem/client';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';

/** A stock of tea and a purse, each with the branches that change it, in a database of their own. */
export function openShop({ pieces, euro }: { pieces: number; euro: number }) {
  const connection = new DatabaseSync(':memory:');
  const db = sqlite(connection);
  createBarrierTable(connection);
  connection.exec(`create table books (pieces integer, euro integer); insert into books values (${pieces}, ${euro})`);
  const changing = (column: 'pieces' | 'euro', change: number) =>
    branchHandler(({ barrier }) =>
      barrier.transaction(db, () => {
        const set = `${column} = ${column} + ${change}`;
        const { changes } = connection.prepare(`update books set ${set} where ${column} + ${change} >= 0`).run();
        if (changes === 0) throw new BranchFailure(`not enough ${column}`);
      }),
    );
  return {
    db,
    take: changing('pieces', -1),
    giveBack: changing('pieces', 1),
    charge: changing('euro', -30),
    refund: changing('euro', 30),
    books: () => ({ ...(connection.prepare('select pieces, euro from books').get() as object) }),
  };
}
