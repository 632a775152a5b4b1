/** Whatever goes wrong with an SQLite file, requests are answered by the origin. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import sqlite3 from 'sqlite3';
import { SqliteStorage } from '../../../lib/sqlite.js';
import { newPath } from '../../support/sqlite.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';
import { type Concerns, describeGuard } from '../describe-guard.js';

allowNoUnhandledRejection();

type SqliteFault = keyof typeof FAULTS;
/** Which connection is told what at the beginning, and what at the end: that of the storage, or another one. */
const FAULTS = {
  'is full': ['storage', 'PRAGMA max_page_count = 1', 'PRAGMA max_page_count = 1000000'],
  'is read-only': ['storage', 'PRAGMA query_only = 1', 'PRAGMA query_only = 0'],
  'is held by another process': ['other', 'BEGIN EXCLUSIVE', 'ROLLBACK'],
} as const;
const CONCERNS: Readonly<Record<SqliteFault, Concerns>> = {
  'is full': 'writes',
  'is read-only': 'writes',
  'is held by another process': 'writes',
};

const tell = (database: sqlite3.Database, sql: string): Promise<void> =>
  new Promise((resolve, reject) => {
    database.exec(sql, (error) => (error === null ? resolve() : reject(error)));
  });

const closed = (database: sqlite3.Database): Promise<void> =>
  new Promise((resolve) => { database.close(() => resolve()); });

describeGuard('SqliteStorage on a file', CONCERNS, () => {
  const path = newPath();
  mkdirSync(dirname(path), { recursive: true });
  const connections = { storage: new sqlite3.Database(path), other: new sqlite3.Database(path) };
  let begun: SqliteFault | undefined;
  const end = async (): Promise<void> => {
    if (begun === undefined) return;
    const [who, , sql] = FAULTS[begun];
    begun = undefined;
    await tell(connections[who], sql);
  };
  return {
    storage: new SqliteStorage({ database: connections.storage }),
    begin: async (fault) => {
      const [who, sql] = FAULTS[fault];
      await tell(connections[who], sql);
      begun = fault;
    },
    end,
    close: async () => {
      await closed(connections.storage);
      await closed(connections.other);
    },
  };
});
