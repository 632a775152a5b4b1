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
  const turns = new Turns();

  /** Calls `use` with the statement, or `fail` where it cannot be prepared. */
  const prepared = (sql: string, use: (statement: CallbackStatement) => void, fail: (error: Error) => void): void => {
    const known = statements.get(sql);
    if (known !== undefined) {
      use(known);
      return;
    }
    const statement = database.prepare(sql, (error) => {
      // The callback never comes before `prepare` has returned.
      settle(error, fail, () => {
        statements.set(sql, statement);
        use(statement);
      });
    });
  };

  return {
    read: (sql, values, done) => {
      turns.take((end) => {
        const finish = (error: Error | undefined, rows: readonly SqliteRow[]): void => {
          end();
          done(error, rows);
        };
        const read = (statement: CallbackStatement): void => {
          statement.all(values, (error, rows) => {
            if (error === null || error === undefined) finish(undefined, rows);
            else statement.reset(() => { finish(error, []); });
          });
        };
        try {
          prepared(sql, read, (error) => { finish(error, []); });
        } catch (error) {
          finish(error as Error, []);
        }
      });
    },
    run: (sql, values = []) =>
      turns.promised((resolve, reject) => {
        const run = (statement: CallbackStatement): void => {
          statement.run(values, function (error) {
            const { changes } = this;
            if (error === null || error === undefined) resolve(changes);
            else statement.reset(() => { reject(error); });
          });
        };
        prepared(sql, run, reject);
      }),
    exec: (sql) =>
      turns.promised((resolve, reject) => {
        database.exec(sql, (error) => { settle(error, reject, resolve); });
      }),
    close: () =>
      turns.promised((resolve, reject) => {
        const finalized = [...statements.values()].map((statement) => called((done) => statement.finalize(done)));
        statements.clear();
        const closed = Promise.all(finalized).then(() => (closes ? called((done) => database.close(done)) : undefined));
        closed.then(resolve, reject);
      }),
  };
}

/** Lets one piece of work go on at a time. A piece that finds nothing under way begins at once. */
class Turns {
  #isTaken = false;
  readonly #waiting: ((end: () => void) => void)[] = [];

  /** @param work says by `end` that it is over. */
  take(work: (end: () => void) => void): void {
    if (this.#isTaken) {
      this.#waiting.push(work);
      return;
    }
    this.#isTaken = true;
    work(this.#end);
  }

  promised<T>(work: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.take((end) => {
        const ending = <V>(settleBy: (value: V) => void) => (value: V): void => {
          end();
          settleBy(value);
        };
        try {
          work(ending(resolve), ending(reject));
        } catch (error) {
          ending(reject)(error);
        }
      });
    });
  }

  readonly #end = (): void => {
    const next = this.#waiting.shift();
    this.#isTaken = next !== undefined;
    next?.(this.#end);
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
