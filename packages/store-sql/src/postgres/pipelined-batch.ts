/**
 * Prepared statements on one connection in one round trip: all go out together, with one Sync behind them, and the answers
 * come back in order. A statement is parsed once per connection; its name comes from its text.
 *
 * B1. After the first error the server skips the rest up to the Sync, so nothing after it was done.
 * B2. It is settled once, also where the connection ends in between.
 */
import { createHash } from 'node:crypto';
import type { Connection, Submittable } from 'pg';
import { BatchMessage } from './batch-message.js';
import type { SqlResult, SqlRow, SqlValue } from '../server-sql/sql-session.js';

/** One of a batch. SQL has `$1`, `$2` and so on for its values. */
export interface PreparedStatement {
  /** Empty: parsed each time, for a pooler that gives each transaction another connection. */
  readonly name: string;
  readonly text: string;
}

export interface BoundStatement {
  readonly statement: PreparedStatement;
  readonly values: readonly SqlValue[];
}

/** Gives a statement the name that its text has everywhere, also behind a pooler that several versions share. */
export function prepared(text: string): PreparedStatement {
  return { name: `tandem_${createHash('sha1').update(text).digest('hex').slice(0, 16)}`, text };
}

const parsedOn = new WeakMap<Connection, Set<string>>();

/** See the file head. Handed to `client.query`, as pg's own cursors are. */
export class PipelinedBatch implements Submittable {
  /** What each statement answered; rows hold texts, or null. */
  readonly results: Promise<readonly SqlResult[]>;
  readonly #statements: readonly BoundStatement[];
  readonly #done: SqlResult[] = [];
  #rows: SqlRow[] = [];
  #connection: Connection | undefined;
  #hasParsed = false;
  #resolve!: (results: readonly SqlResult[]) => void;
  #reject!: (error: unknown) => void;

  constructor(statements: readonly BoundStatement[]) {
    this.#statements = statements;
    this.results = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    this.#connection = connection;
    const parsed = parsedOn.get(connection) ?? new Set();
    parsedOn.set(connection, parsed);
    const { stream } = connection;
    let unnamed: string | undefined;
    const message = new BatchMessage();
    stream.cork();
    for (const { statement, values } of this.#statements) {
      const { name, text } = statement;
      // The last one without a name stays until the next.
      if (name === '' ? text !== unnamed : !parsed.has(name)) {
        stream.write(message.take());
        connection.parse({ name, text, types: [] }, true);
        if (name === '') unnamed = text;
        else this.#noteParsed(parsed, name);
      }
      message.statement(name, values);
    }
    message.sync();
    stream.write(message.take());
    stream.uncork();
  }

  /**
   * After an error: a statement behind it was not parsed, whatever was noted, and to parse one twice under one name is an
   * error too. So the names of this connection are not known any more.
   */
  get leavesNamesUnknown(): boolean {
    return this.#hasParsed;
  }

  /** Ends the connection: nobody waits for an answer any longer. */
  abandon(reason: string): void {
    this.#connection?.stream.destroy(new Error(reason));
    this.#reject(new ConnectionAbandoned(reason));
  }

  handleRowDescription(): void {
    // Whoever asked knows the columns.
  }

  handleDataRow({ fields }: { readonly fields: SqlRow }): void {
    this.#rows.push(fields);
  }

  /** `text` is the command's tag, say `UPDATE 1` or `INSERT 0 1`. */
  handleCommandComplete({ text }: { readonly text: string }): void {
    const affected = Number(text.slice(text.lastIndexOf(' ') + 1));
    this.#done.push({ rows: this.#rows, affected: Number.isNaN(affected) ? 0 : affected });
    this.#rows = [];
  }

  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#done);
  }

  #noteParsed(parsed: Set<string>, name: string): void {
    parsed.add(name);
    this.#hasParsed = true;
  }
}

/** No answer came in time, and the connection was given up. */
export class ConnectionAbandoned extends Error {}
