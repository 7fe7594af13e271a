/**
 * The stock: gRPC, on MariaDB. One item that everybody wants is one row that everybody updates.
 *
 * The hot row is locked from its update to the commit. So the update is the last statement: the barrier's row, which is each
 * call's own, goes first, and the row is held for one round trip. What is left is checked by the update itself; a `select ... for
 * update` before it would hold the row for one more. Whoever holds the hot row waits for nobody.
 */
import { Server } from '@grpc/grpc-js';
import { BranchFailure } from '@tandem/client';
import { grpcBranch } from '@tandem/client/grpc';
import { mysql } from '@tandem/client/mysql';
import { setting } from '@tandem/example-stage';
import { createPool, type ResultSetHeader } from 'mysql2/promise';
import { serveGrpc } from './serve-grpc.js';
import { stockService, type Piece } from './stock-service.js';

const pool = createPool({ uri: setting('DATABASE_URL'), connectionLimit: 12 });
const db = mysql(pool);

const changes = {
  take: 'left_over = left_over - 1 where name = ? and left_over >= 1',
  giveBack: 'left_over = left_over + 1 where name = ?',
  hold: 'left_over = left_over - 1, held = held + 1 where name = ? and left_over >= 1',
  sell: 'held = held - 1 where name = ?',
  letGo: 'left_over = left_over + 1, held = held - 1 where name = ?',
};

const changing = (change: string) =>
  grpcBranch<Piece>(({ payload, barrier }) =>
    barrier.transaction(db, async (connection) => {
      const [{ affectedRows }] = await connection.execute<ResultSetHeader>(`update item set ${change}`, [payload.item]);
      if (affectedRows === 0) throw new BranchFailure(`no ${payload.item} is left`);
    }),
  );

const server = new Server();
server.addService(stockService, {
  Take: changing(changes.take),
  GiveBack: changing(changes.giveBack),
  Hold: changing(changes.hold),
  Sell: changing(changes.sell),
  LetGo: changing(changes.letGo),
});
serveGrpc(server);
