/** Databases of a test's own on the MariaDB or MySQL that the scripts started. */
import { createConnection, type Connection } from 'mysql2/promise';
import { randomBytes } from 'node:crypto';
import type { Store } from '@tandem/store';
import { openMysqlStore, type MysqlStoreOptions } from '@tandem/store-sql/mysql';

/** An engine that the same store speaks to. */
export interface TestedEngine {
  readonly title: string;
  readonly service: 'mariadb' | 'mysql';
  /** Of the one that all tests share; empty: there is none. */
  readonly url: string;
  /** Whether a test can start one of its own. */
  readonly hasPrograms: boolean;
  /** For titles of tests: what they lack. */
  readonly needsUrl: string;
  readonly needsPrograms: string;
}

export const mariadb = testedEngine('MariaDB', 'mariadb', 'TANDEM_TEST_MARIADB');
export const mysql = testedEngine('MySQL', 'mysql', 'TANDEM_TEST_MYSQL');

function testedEngine(title: string, service: TestedEngine['service'], variable: string): TestedEngine {
  const url = process.env[`${variable}_URL`] ?? '';
  const hasPrograms = (process.env[`${variable}_PROGRAMS`] ?? '') !== '';
  const needsUrl = url === '' ? ` (needs ${variable}_URL)` : '';
  return {
    title,
    service,
    url,
    hasPrograms,
    needsUrl,
    needsPrograms: hasPrograms ? '' : ` (needs ${variable}_PROGRAMS)`,
  };
}

/** A database; `close` closes every store that was opened in it and drops it. */
export class MysqlPlace {
  readonly url: string;
  readonly admin: Connection;
  readonly #name: string;
  readonly #stores: Store[] = [];

  private constructor(admin: Connection, name: string, url: string) {
    this.admin = admin;
    this.#name = name;
    this.url = url;
  }

  /** `server` is a URL of one host, with any database. */
  static async open(server: string): Promise<MysqlPlace> {
    const admin = await createConnection({ uri: server, multipleStatements: true });
    const name = `tandem_test_${randomBytes(6).toString('hex')}`;
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`USE ${name}`);
    return new MysqlPlace(admin, name, urlWithDatabase(server, name));
  }

  /** A store in it, migrated. */
  async store(options: Partial<MysqlStoreOptions> = {}): Promise<Store> {
    const store = await openMysqlStore({ url: this.url, ...options });
    this.#stores.push(store);
    await store.migrate();
    return store;
  }

  /** As new, so that many cases need not make many databases. */
  async clear(): Promise<void> {
    const tables = ['tx', 'tx_body', 'tx_row', 'key_value'];
    await this.admin.query(tables.map((table) => `DELETE FROM tandem_${table}`).join(';'));
  }

  /** The URL with other hosts in it. */
  through(...ports: readonly number[]): string {
    return this.url.replace(/@[^/]+/, `@${ports.map((port) => `127.0.0.1:${port}`).join(',')}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
    await this.admin.query(`DROP DATABASE ${this.#name}`).catch(() => undefined);
    this.admin.destroy();
  }
}

function urlWithDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
