/** The `sqlite3` package: statements run in other threads and call back. */
import type { SqliteDatabase, SqliteRow } from './database.js';

/** Calls that cannot fail give no error at all, not even `null`. */
type Failure = Error | null | undefined;
type Done = (error?: Failure) => void;

/** What is used of `sqlite3.Statement`. */
interface CallbackStatement {
  all(values: readonly unknown[], done: (error: Failure, rows: readonly SqliteRow[]) => void): unknown;
  run(values: readonly unknown[], done: (this: { readonly changes: number }, error: Failure) => void): unknown;
  reset(done: Done): unknown;
  finalize(done: Done): unknown;
}

/** What is used of `sqlite3.Database`. */
export interface CallbackDatabase {
  prepare(sql: string, done: Done): CallbackStatement;
  exec(sql: string, done: Done): unknown;
  close(done: Done): unknown;
}

/** What is used of the package itself. */
export interface CallbackPackage {
  readonly Database: new (path: string, done: Done) => CallbackDatabase;
}

export async function openCallbackDatabase({ Database }: CallbackPackage, path: string): Promise<SqliteDatabase> {
  const database = await made((done) => new Database(path, done));
  return useCallbackDatabase(database, { closes: true });
}

/**
 * One call after the other, and each ends before the next begins: rows are read to the last one (`all`, never `get`),
 * and what failed is reset. A statement that is left before its end keeps its snapshot of the file, so that what other
 * processes write is not seen; and if it had to wait for a lock, its reset takes back what others have written since.
 */
export function useCallbackDatabase(database: CallbackDatabase, { closes }: { closes: boolean }): SqliteDatabase {
  const statements = new Map<string, CallbackStatement>();
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };

  const withStatement = <T>(sql: string, execute: (statement: CallbackStatement) => Promise<T>): Promise<T> =>
    inTurn(async () => {
      const statement = statements.get(sql) ?? (await made((done) => database.prepare(sql, done)));
      statements.set(sql, statement);
      try {
        return await execute(statement);
      } catch (error) {
        await called((done) => statement.reset(done));
        throw error;
      }
    });

  return {
    all: (sql, values = []) =>
      withStatement(sql, (statement) =>
        new Promise((resolve, reject) => {
          statement.all(values, (error, rows) => {
            settle(error, reject, () => { resolve(rows); });
          });
        }),
      ),
    run: (sql, values = []) =>
      withStatement(sql, (statement) =>
        new Promise((resolve, reject) => {
          statement.run(values, function (error) {
            settle(error, reject, () => { resolve(this.changes); });
          });
        }),
      ),
    exec: (sql) => inTurn(() => called((done) => database.exec(sql, done))),
    close: () =>
      inTurn(async () => {
        for (const statement of statements.values()) await called((done) => statement.finalize(done));
        statements.clear();
        if (closes) await called((done) => database.close(done));
      }),
  };
}

/** What a constructor gives at once, once its callback says that it can be used. */
const made = <T>(make: (done: Done) => T): Promise<T> =>
  new Promise((resolve, reject) => {
    const value = make((error) => {
      // The callback never comes before `make` has returned.
      settle(error, reject, () => { resolve(value); });
    });
  });

const called = (call: (done: Done) => unknown): Promise<void> =>
  new Promise((resolve, reject) => {
    call((error) => { settle(error, reject, resolve); });
  });

function settle(error: Failure, reject: (error: Error) => void, resolve: () => void): void {
  if (error === null || error === undefined) resolve();
  else reject(error);
}
