/** What a user's code meets, compiled with the client that Prisma generated: the work of a barrier knows the models. */
import { PrismaPg } from '@prisma/adapter-pg';
import { createClient, type Barrier, type BarrierResult } from '@tandem/client';
import { createOutbox, createOutboxTable } from '@tandem/client/outbox';
import { createBarrierTable, prismaBarriers, type SqlBarrierOptions } from '@tandem/client/prisma';
import { PrismaClient, type Shelf } from './generated/prisma/client.js';

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: 'postgres://localhost/shop' }) });
const extended = prisma.$extends({ query: { shelf: {} } });
const where = { item: 'tea' };
const data = { pieces: { decrement: 1 } };

export function began(barrier: Barrier): Promise<BarrierResult<Shelf>> {
  return barrier.transaction(prismaBarriers(prisma), (tx) => tx.shelf.update({ where, data }));
}

export function beganExtended(barrier: Barrier): Promise<BarrierResult<Shelf>> {
  return barrier.transaction(prismaBarriers(extended), (tx) => tx.shelf.update({ where, data }));
}

export function joined(barrier: Barrier): Promise<BarrierResult<Shelf>> {
  return prisma.$transaction((tx) => barrier.run(prismaBarriers(tx), (same) => same.shelf.update({ where, data })));
}

export function joinedExtended(barrier: Barrier): Promise<BarrierResult<Shelf>> {
  return extended.$transaction((tx) => barrier.run(prismaBarriers(tx), (same) => same.shelf.update({ where, data })));
}

export async function prepared(options: SqlBarrierOptions): Promise<void> {
  await createBarrierTable(prisma, options);
  await createBarrierTable(extended);
  await createOutboxTable(prismaBarriers(prisma));
}

export async function sent(): Promise<void> {
  const tandem = createClient({ url: 'http://127.0.0.1:36789' });
  const outbox = createOutbox(tandem, prismaBarriers(prisma));
  await prisma.$transaction(async (tx) => {
    await tx.shelf.update({ where, data });
    await outbox.send(tx, tandem.message().add('http://stock/reserve', {}));
  });
}

export function mistyped(barrier: Barrier): unknown {
  return barrier.transaction(prismaBarriers(prisma), (tx) =>
    // @ts-expect-error The model has no such value.
    tx.shelf.update({ where, data: { pieces: 'none' } }),
  );
}
