import { DatabaseSync } from '@photostructure/sqlite';
import { backCheckHandler, branchHandler } from '@tandem/client';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';

const connection = new DatabaseSync(':memory:');
createBarrierTable(connection);

export const debit = branchHandler<{ readonly amount: number }>(({ payload }) => ({ taken: payload.amount }));
export const check = backCheckHandler(sqlite(connection));
