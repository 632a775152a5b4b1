/** The tables of SqliteStorage and every statement on them. */
import { FORMAT } from '../record.js';
import { DIGEST_LENGTH } from './digest.js';

/**
 * Goes up with each change of the tables. It is part of their names, so that versions of this package can work on one
 * file, and so that our tables can stand beside those of somebody else.
 */
const VERSION = 2;
const OURS = `axios_cache_v${VERSION}`;
const ENTRIES = `${OURS}_entries`;
const BODIES = `${OURS}_bodies`;
const TAGS = `${OURS}_tags`;
const META = `${OURS}_meta`;
/** Entries with their bodies. Writing to it writes all that belongs to an entry, in one statement. */
const WHOLE = `${OURS}_whole`;

const NEXT_USE = (namespace: string): string =>
  `(SELECT ifnull(max(used), 0) + 1 FROM ${ENTRIES} WHERE namespace = ${namespace})`;
const TAGS_OF_NEW = `INSERT OR IGNORE INTO ${TAGS} (tag, id) SELECT value, NEW.id FROM json_each(NEW.tags);`;

/**
 * Every table, index, view and trigger of ours, as SQLite keeps the text of each.
 *
 * Every write is one statement, and what hangs on it is done by triggers: so it is atomic without a transaction, which
 * would hold calls on the same connection up, and which a database of the user's may be in already.
 *
 * - Bodies have a table of their own: SQLite writes a row whole, and `touch` must not write the body again.
 * - `fields` is a record without its body; the columns beside it are what is searched for.
 * - `digests` is that of columns and fields, and behind it that of the body, so that a part of an entry that is damaged
 *   or belongs to another entry is noticed, and `touch` can replace the first without reading the body.
 * - Texts that are compared stand as JSON: it keeps NUL and lone surrogates, which a text of SQLite does not.
 * - `purge_at` is NULL for never, `used` counts uses: no clock says what was used least recently.
 */
export const OBJECTS: readonly string[] = [
  `CREATE TABLE ${ENTRIES} (
    id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, key TEXT NOT NULL, variant TEXT NOT NULL, resource TEXT NOT NULL,
    tags TEXT NOT NULL, created_at REAL NOT NULL, purge_at REAL, used INTEGER NOT NULL, size INTEGER NOT NULL,
    body_bytes INTEGER NOT NULL, digests TEXT NOT NULL, fields BLOB NOT NULL, UNIQUE (namespace, key, variant))`,
  `CREATE INDEX ${OURS}_by_resource ON ${ENTRIES} (namespace, resource)`,
  `CREATE INDEX ${OURS}_by_creation ON ${ENTRIES} (namespace, created_at)`,
  `CREATE INDEX ${OURS}_by_purge_time ON ${ENTRIES} (namespace, purge_at)`,
  `CREATE INDEX ${OURS}_by_use ON ${ENTRIES} (namespace, used, size)`,
  `CREATE TABLE ${BODIES} (id INTEGER PRIMARY KEY, body BLOB)`,
  `CREATE TABLE ${TAGS} (tag TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (tag, id)) WITHOUT ROWID`,
  `CREATE INDEX ${OURS}_tags_by_entry ON ${TAGS} (id)`,
  `CREATE TABLE ${META} (
    namespace TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (namespace, name)) WITHOUT ROWID`,
  `CREATE VIEW ${WHOLE} AS
    SELECT id, namespace, key, variant, resource, tags, created_at, purge_at, size, body_bytes, digests, fields, body
    FROM ${ENTRIES} LEFT JOIN ${BODIES} USING (id)`,
  `CREATE TRIGGER ${OURS}_put INSTEAD OF INSERT ON ${WHOLE} BEGIN
    INSERT INTO ${ENTRIES} (namespace, key, variant, resource, tags, created_at, purge_at, used, size, body_bytes,
        digests, fields)
      VALUES (NEW.namespace, NEW.key, NEW.variant, NEW.resource, NEW.tags, NEW.created_at, NEW.purge_at,
        ${NEXT_USE('NEW.namespace')}, NEW.size, NEW.body_bytes, NEW.digests, NEW.fields)
      ON CONFLICT (namespace, key, variant) DO UPDATE SET resource = excluded.resource, tags = excluded.tags,
        created_at = excluded.created_at, purge_at = excluded.purge_at, used = excluded.used, size = excluded.size,
        body_bytes = excluded.body_bytes, digests = excluded.digests, fields = excluded.fields;
    INSERT OR REPLACE INTO ${BODIES} (id, body) SELECT id, NEW.body FROM ${ENTRIES}
      WHERE namespace = NEW.namespace AND key = NEW.key AND variant = NEW.variant;
  END`,
  `CREATE TRIGGER ${OURS}_inserted AFTER INSERT ON ${ENTRIES} WHEN NEW.tags <> '[]' BEGIN
    ${TAGS_OF_NEW}
  END`,
  `CREATE TRIGGER ${OURS}_updated AFTER UPDATE OF tags ON ${ENTRIES} WHEN NEW.tags <> OLD.tags BEGIN
    DELETE FROM ${TAGS} WHERE id = OLD.id;
    ${TAGS_OF_NEW}
  END`,
  `CREATE TRIGGER ${OURS}_deleted AFTER DELETE ON ${ENTRIES} BEGIN
    DELETE FROM ${BODIES} WHERE id = OLD.id;
    DELETE FROM ${TAGS} WHERE id = OLD.id;
  END`,
];

/** What others could hang indexes and triggers on. */
export const OWNERS: ReadonlySet<string> = new Set([ENTRIES, BODIES, TAGS, META, WHOLE]);

/** What is there already stays, as another process may be making it too. */
export const CREATE = OBJECTS.map((sql) => sql.replace(/^CREATE \w+ /, '$&IF NOT EXISTS ')).join(';\n');

/** Rows deleted by one statement at most: it holds other writers up, and some drivers this thread. */
export const CHUNK = 500;
/** Entries read at once by a listing. */
const PAGE = 200;

/** Deletes the entries that a selection of their ids finds, a chunk of them. */
const deleteChunk = (selection: string): string =>
  `DELETE FROM ${ENTRIES} WHERE id IN (SELECT id FROM ${selection} LIMIT ${CHUNK})`;

/** The texts by which an entry is found, in one: each is JSON, so that where one ends is never in doubt. */
const ADDRESS = 'namespace || key || variant || resource || tags AS address';
/** What is read of an entry without its body. */
const INFO = `id, ${ADDRESS}, body_bytes, digests, fields`;

/**
 * namespace. `total` and not `sum`, which fails where damaged numbers are too large.
 */
const TOTAL = `SELECT total(size) AS bytes FROM ${ENTRIES} WHERE namespace = ?`;

/** Values in the order of the question marks; `namespace`, `key` and so on as JSON. */
export const SQL = {
  /** namespace, key */
  get: `SELECT ${INFO}, body FROM ${WHOLE} WHERE namespace = ? AND key = ?`,
  put: `INSERT INTO ${WHOLE}
      (namespace, key, variant, resource, tags, created_at, purge_at, size, body_bytes, digests, fields, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  /**
   * resource, tags, created_at, purge_at, size without the body, digest of columns and fields, fields, namespace,
   * namespace, key, variant, format, length of the end of the former fields, that end
   */
  touch: `UPDATE ${ENTRIES} SET resource = ?, tags = ?, created_at = ?, purge_at = ?, size = body_bytes + ?,
    digests = ? || substr(digests, ${DIGEST_LENGTH + 1}), fields = ?, used = ${NEXT_USE('?')}
    WHERE namespace = ? AND key = ? AND variant = ? AND substr(fields, 1, ${FORMAT.byteLength}) = ?
      AND substr(fields, -?) = ?`,
  /** namespace, the id of the last one listed. The plus keeps it from an index that would be sorted for each page. */
  list: `SELECT ${INFO} FROM ${ENTRIES} WHERE +namespace = ? AND id > ? ORDER BY id LIMIT ${PAGE}`,
  /** namespace, key */
  deleteKey: deleteChunk(`${ENTRIES} WHERE namespace = ? AND key = ?`),
  /** namespace, key, variant */
  deleteVariant: deleteChunk(`${ENTRIES} WHERE namespace = ? AND key = ? AND variant = ?`),
  /** namespace, resource */
  deleteResource: deleteChunk(`${ENTRIES} WHERE namespace = ? AND resource = ?`),
  /** namespace, tag. A CROSS JOIN begins with the tags, which are fewer. */
  deleteTag: deleteChunk(`${TAGS} CROSS JOIN ${ENTRIES} USING (id) WHERE namespace = ? AND tag = ?`),
  /** namespace, time */
  deletePurged: deleteChunk(`${ENTRIES} WHERE namespace = ? AND purge_at <= ?`),
  /** namespace, time: what was written later than that, by a clock that was ahead. */
  deleteAhead: deleteChunk(`${ENTRIES} WHERE namespace = ? AND created_at > ?`),
  /** namespace */
  deleteNamespace: deleteChunk(`${ENTRIES} WHERE namespace = ?`),
  /** A list of ids as JSON. */
  deleteIds: `DELETE FROM ${ENTRIES} WHERE id IN (SELECT value FROM json_each(?))`,
  /** namespace */
  total: TOTAL,
  /**
   * namespace, namespace, bytes that may stay: the least recently used go first, the one with which it is enough
   * included. How much is too much is counted here: others may have made room since it was last counted.
   */
  evict: `DELETE FROM ${ENTRIES} WHERE id IN (
      SELECT id FROM (
        SELECT id, total(size) OVER (ORDER BY used, size, id) - size AS before
        FROM (SELECT id, used, size FROM ${ENTRIES} WHERE namespace = ? ORDER BY used, size, id LIMIT ${CHUNK}))
      WHERE before < (${TOTAL}) - ?)
    RETURNING ${INFO}`,
  /** namespace, a list of ids as JSON, namespace */
  use: `UPDATE ${ENTRIES} SET used = ${NEXT_USE('?')}
    WHERE id IN (SELECT value FROM json_each(?)) AND +namespace = ?`,
  /** namespace, name */
  readMeta: `SELECT value FROM ${META} WHERE namespace = ? AND name = ?`,
  /** namespace, name, value */
  makeMeta: `INSERT INTO ${META} (namespace, name, value) VALUES (?, ?, ?)
    ON CONFLICT (namespace, name) DO UPDATE SET value = excluded.value
    WHERE iif(json_valid(value), json_type(value) <> 'text', TRUE)`,
  /** What the file has, ours and others. A text is cut where it is longer than any of ours. */
  objects: 'SELECT type, name, tbl_name AS owner, substr(sql, 1, 10000) AS sql FROM sqlite_master',
} as const;

const NO_TABLE = new RegExp(`no such table: \\S*${OURS}`);

/** Our tables are gone: by hand, by a later version of this package, or by a rollback of the user's. */
export const lacksTables = (error: unknown): boolean => NO_TABLE.test(String(error));
