/** `node:sqlite` and `better-sqlite3`: statements run at once, in this thread. */
import type { SqliteDatabase, SqliteRow } from './database.js';

/** What is used of a statement of either. */
interface DirectStatement {
  all(...values: readonly unknown[]): readonly SqliteRow[];
  run(...values: readonly unknown[]): { readonly changes: number | bigint };
  /** node:sqlite, in versions that know it. */
  setReturnArrays?(enabled: boolean): unknown;
}

/** What is used of `DatabaseSync` (node:sqlite) and `Database` (better-sqlite3). */
export interface DirectDatabase {
  prepare(sql: string): DirectStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

/** What is used of `node:sqlite` itself. */
export interface DirectPackage {
  readonly DatabaseSync: new (path: string) => DirectDatabase;
}

export const openDirectDatabase = ({ DatabaseSync }: DirectPackage, path: string): Promise<SqliteDatabase> =>
  promised(() => useDirectDatabase(new DatabaseSync(path), { closes: true }));

export function useDirectDatabase(database: DirectDatabase, { closes }: { closes: boolean }): SqliteDatabase {
  const statements = new Map<string, DirectStatement>();

  const prepare = (sql: string): DirectStatement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    // A database of the user's may be set to give rows in another form.
    statement.setReturnArrays?.(false);
    statements.set(sql, statement);
    return statement;
  };

  return {
    read(sql, values, done) {
      let rows: readonly SqliteRow[];
      try {
        rows = prepare(sql).all(...values);
      } catch (error) {
        done(error as Error, []);
        return;
      }
      done(undefined, rows);
    },
    run: (sql, values = []) => promised(() => Number(prepare(sql).run(...values).changes)),
    exec: (sql) => promised(() => void database.exec(sql)),
    close: () =>
      promised(() => {
        statements.clear();
        if (closes) database.close();
      }),
  };
}

/** What the driver throws becomes a rejection. */
const promised = <T>(work: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(work());
  });
