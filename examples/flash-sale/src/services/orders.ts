/** The order service: the coordinator delivers here, as often as it takes; the barrier makes it one order. On PostgreSQL. */
import { branchHandler } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { pg } from '@tandem/client/pg';
import { serve, setting } from '@tandem/example-stage';
import { Pool } from 'pg';
import type { Order } from '../purchase.js';
import { CrashPoints } from './crash-points.js';

const pool = new Pool({ connectionString: setting('DATABASE_URL'), max: 12 });
// An idle connection that breaks must not end the process: the pool opens another one.
pool.on('error', (error) => console.error(`a connection to the database was lost: ${error.message}`));
const db = pg(pool);

const crashPoints = new CrashPoints();

const create = branchHandler<Order>(async ({ payload: { id, buyer }, barrier }) => {
  await barrier.transaction(db, (client) => client.query('insert into orders values ($1, $2)', [id, buyer]));
  crashPoints.pass('created', buyer);
});

serve(nodeListener({ '/create': create, '/crash': crashPoints.handler }));
