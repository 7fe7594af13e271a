// #region prisma
import { PrismaPg } from '@prisma/adapter-pg';
import { branchHandler } from '@tandem/client';
import { createBarrierTable, prismaBarriers } from '@tandem/client/prisma';
import { PrismaClient } from './generated/prisma/client.js';

const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] });
export const prisma = new PrismaClient({ adapter });
const barriers = prismaBarriers(prisma);
await createBarrierTable(prisma);

/** Begins and commits. */
export const take = branchHandler<{ item: string }>(({ payload, barrier }) =>
  barrier.transaction(barriers, (tx) =>
    tx.shelf.update({ where: { item: payload.item }, data: { pieces: { decrement: 1 } } }),
  ),
);

/** Works in a transaction that is yours. */
export const giveBack = branchHandler<{ item: string }>(({ payload, barrier }) =>
  prisma.$transaction((tx) =>
    barrier.run(prismaBarriers(tx), () =>
      tx.shelf.update({ where: { item: payload.item }, data: { pieces: { increment: 1 } } }),
    ),
  ),
);
// #endregion
