/** The seam between SqliteStorage and the packages that reach SQLite: what is asked of each, what its errors say. */

export type SqliteValue = string | number | Uint8Array | null;
/** By column. Integers may come as bigint, bytes as any view of them. */
export type SqliteRow = Readonly<Record<string, unknown>>;

/** A statement with the values of its question marks. */
export interface SqliteStatement {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/** It is called once, with the driver's own error or, where that is `undefined`, with the rows. */
export type RowsListener = (error: Error | undefined, rows: readonly SqliteRow[]) => void;

/** One connection. Statements are prepared once for each text. Calls fail with the driver's own error. */
export interface SqliteDatabase {
  /** Reads the rows of a statement that gives some. A driver that answers at once calls `done` before it returns. */
  read(sql: string, values: readonly SqliteValue[], done: RowsListener): void;
  /** How many rows a statement that gives none has changed, those that triggers changed left out. */
  run(sql: string, values?: readonly SqliteValue[]): Promise<number>;
  /** Statements without values, separated by semicolons. */
  exec(sql: string): Promise<void>;
  /** Gives back what was prepared; closes the connection where the storage opened it. */
  close(): Promise<void>;
}

export const readAll = (
  database: SqliteDatabase,
  sql: string,
  values: readonly SqliteValue[] = [],
): Promise<readonly SqliteRow[]> =>
  new Promise((resolve, reject) => {
    database.read(sql, values, (error, rows) => {
      if (error === undefined) resolve(rows);
      else reject(error);
    });
  });

export type SqliteDriverName = 'sqlite3' | 'node:sqlite';

/** Opens connections of the storage's own. */
export interface SqliteDriver {
  open(path: string): Promise<SqliteDatabase>;
}

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const CODES = { BUSY: 5, LOCKED: 6, CORRUPT: 11, NOTADB: 26 } as const;

/** Another connection writes: it will pass. */
export const isBusy = (error: unknown): boolean => hasCode(error, 'BUSY', 'LOCKED');

/** The file is damaged, or is no database at all: it will not get better. */
export const isCorrupt = (error: unknown): boolean => hasCode(error, 'CORRUPT', 'NOTADB');

/** Drivers give the code as `errno` (sqlite3), `errcode` (node:sqlite), both maybe extended, or by name as `code`. */
function hasCode(error: unknown, ...names: readonly (keyof typeof CODES)[]): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { errno, errcode, code } = error as Readonly<Record<string, unknown>>;
  const number = [errno, errcode].find((each) => typeof each === 'number');
  return names.some((name) => {
    if (number !== undefined) return (number & 0xff) === CODES[name];
    return typeof code === 'string' && `${code}_`.startsWith(`SQLITE_${name}_`);
  });
}
