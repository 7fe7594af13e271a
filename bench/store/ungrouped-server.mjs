/** This tree's server, but every write goes to its engine alone. Configured by the environment, as the command is. */
import { resolveConfig, startServer } from '@tandem/server';
import { openStore } from './open-store.mjs';
import { ungroupedLimits } from './ungrouped.mjs';

const { config } = resolveConfig([], process.env);
const url = process.env['TANDEM_STORE'] ?? `sqlite:${config.dataFolder}`;
const store = await openStore(url);
Object.defineProperty(store, 'batchLimits', { value: { ...store.batchLimits, ...ungroupedLimits(url) } });
const server = await startServer(config, { store });
process.on('SIGTERM', () => {
  void server.close().finally(() => process.exit(0));
});
