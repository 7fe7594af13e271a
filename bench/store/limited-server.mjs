/**
 * This tree's server with other limits of batches than its store's own. Argument: those that differ, as JSON; ports and store come
 * from the environment, as for the command.
 */
import { resolveConfig, startServer } from '@tandem/server';
import { openStore } from './open-store.mjs';

const limits = JSON.parse(process.argv[2] ?? '{}');
const { config } = resolveConfig([], process.env);
const store = await openStore(process.env['TANDEM_STORE'] ?? `sqlite:${config.dataFolder}`);
Object.defineProperty(store, 'batchLimits', { value: { ...store.batchLimits, ...limits } });
const server = await startServer(config, { store });
process.on('SIGTERM', () => {
  void server.close().finally(() => process.exit(0));
});
