/** Where libraries keep the driver's error: Drizzle, Sequelize, TypeORM, MikroORM, Prisma (the last two). */
const places = ['cause', 'parent', 'original', 'driverError', 'previous', 'meta', 'driverAdapterError'] as const;

/** The error, and what it is made of, down to the driver's own. */
export function* causesOf(error: unknown, depth = 0): Generator<object> {
  if (typeof error !== 'object' || error === null || depth > 4) return;
  yield error;
  for (const place of places) {
    if (place in error) yield* causesOf((error as Partial<Record<typeof place, unknown>>)[place], depth + 1);
  }
}
