import { RedisConnection } from './redis-connection.mjs';

/** @type {import('./engine.mjs').Engine} */
export const redis = {
  name: 'redis',
  service: 'redis',
  // As DTM's figures were taken: every write in the log, which is synced each second.
  settings: ['--appendonly', 'yes', '--appendfsync', 'everysec'],

  async connect(url) {
    const connection = await RedisConnection.open(url);
    return {
      async createDatabase() {
        await connection.ask('FLUSHALL');
        return url;
      },
      async counters() {
        return countersOf(await connection.ask('INFO all'));
      },
      close: () => connection.close(),
    };
  },
};

/**
 * `commands` has what scripts call, too; `scriptCalls` is how often a client asked for one.
 * @param {string} info the answer of INFO
 * @returns {import('./engine.mjs').Counters}
 */
export function countersOf(info) {
  const values = new Map([...info.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]));
  const scripts = ['evalsha', 'eval', 'fcall'].reduce((sum, command) => sum + callsOf(values, command), 0);
  return {
    commands: Number(values.get('total_commands_processed')),
    scriptCalls: scripts,
    bytesIn: Number(values.get('total_net_input_bytes')),
    bytesOut: Number(values.get('total_net_output_bytes')),
  };
}

/** @param {ReadonlyMap<string, string>} values @param {string} command */
function callsOf(values, command) {
  return Number(/^calls=(\d+)/.exec(values.get(`cmdstat_${command}`) ?? '')?.[1] ?? 0);
}
