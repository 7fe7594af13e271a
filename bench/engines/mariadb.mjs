import { createConnection } from 'mysql2/promise';

/** What is counted, by its name in SHOW GLOBAL STATUS. A statement outside of a transaction commits without being a COMMIT. */
const fields = {
  statements: 'Questions',
  commits: 'Com_commit',
  bytesIn: 'Bytes_received',
  bytesOut: 'Bytes_sent',
  logBytes: 'Innodb_os_log_written',
  dataSyncs: 'Innodb_data_fsyncs',
};

/** @type {import('./engine.mjs').Engine} */
export const mariadb = {
  name: 'mariadb',
  service: 'mariadb',
  settings: [],

  async connect(url) {
    const connection = await createConnection({ uri: url, multipleStatements: true });
    return {
      async createDatabase(name, schema) {
        await connection.query(`DROP DATABASE IF EXISTS ${name}`);
        await connection.query(`CREATE DATABASE ${name} DEFAULT CHARACTER SET utf8mb4`);
        if (schema !== undefined) await connection.query(`USE ${name}; ${schema}`);
        const created = new URL(url);
        created.pathname = `/${name}`;
        return created.href;
      },
      async counters() {
        const [rows] = await connection.query('SHOW GLOBAL STATUS');
        return countersOf(/** @type {{ Variable_name: string, Value: string }[]} */ (rows));
      },
      close: () => connection.end(),
    };
  },
};

/** @param {readonly { Variable_name: string, Value: string }[]} status @returns {import('./engine.mjs').Counters} */
export function countersOf(status) {
  const values = new Map(status.map(({ Variable_name: name, Value: value }) => [name.toLowerCase(), Number(value)]));
  const read = Object.entries(fields).map(([name, field]) => [name, values.get(field.toLowerCase()) ?? Number.NaN]);
  return Object.fromEntries(read);
}
