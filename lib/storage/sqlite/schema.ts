/** The tables of SqliteStorage. */

/**
 * Goes up with each change of the tables. It is part of their names, so that versions of this package can work on one
 * file, and so that our tables can stand beside those of somebody else.
 */
const VERSION = 3;
const OURS = `axios_cache_v${VERSION}`;
export const ENTRIES = `${OURS}_entries`;
export const BODIES = `${OURS}_bodies`;
export const TAGS = `${OURS}_tags`;
export const META = `${OURS}_meta`;
export const STATE = `${OURS}_state`;
export const INVALIDATIONS = `${OURS}_invalidations`;
/** Entries with their bodies. Writing to it writes all that belongs to an entry, in one statement. */
export const WHOLE = `${OURS}_whole`;

/** What `used` becomes with a use that is noted now. */
export const NEXT_USE = (namespace: string): string =>
  `(SELECT ifnull(max(used), 0) + 1 FROM ${ENTRIES} WHERE namespace = ${namespace})`;
/** 96 random bits. */
const NEW_EPOCH = 'lower(hex(randomblob(12)))';
/** Where a count begins: by lot, so that entries of a count that was lost are not taken for entries of this one. */
const FIRST_SEQUENCE = 'abs(random() % 1000000000000)';
/** The values of `epoch` and `sequence` in a new row. */
export const NEW_COUNT = `${NEW_EPOCH}, ${FIRST_SEQUENCE}`;
const TAGS_OF_NEW = `INSERT OR IGNORE INTO ${TAGS} (tag, id) SELECT value, NEW.id FROM json_each(NEW.tags);`;

/** The invalidation that is the last one of the state's row, kept under its name. */
const KEEP_NAMED = `
    INSERT INTO ${INVALIDATIONS} (namespace, name, sequence, at)
      VALUES (NEW.namespace, NEW.name, NEW.sequence, NEW.at)
      ON CONFLICT (namespace, name) DO UPDATE SET sequence = excluded.sequence, at = excluded.at;`;

/**
 * Every table, index, view and trigger of ours, as SQLite keeps the text of each.
 *
 * Every write is one statement, and what hangs on it is done by triggers: so it is atomic without a transaction, which
 * would hold calls on the same connection up, and which a database of the user's may be in already.
 *
 * - Bodies have a table of their own: SQLite writes a row whole, and `touch` must not write the body again.
 * - `fields` and `body` are the two parts of a record; the columns beside them are what is searched for.
 * - Texts that are compared stand as JSON: it keeps NUL and lone surrogates, which a text of SQLite does not.
 * - `purge_at` is NULL for never, `used` counts uses: no clock says what was used least recently.
 * - The state of a namespace counts its invalidations in `sequence`. `epoch` is random and names this count: one of
 *   another file, or of tables that were made anew, is another. No look-up below `floor` may store anything any more,
 *   and `cleared` is the number of the last `clear`. `name` and `at` are of the last invalidation. Where it has a name,
 *   a trigger keeps it in a table of its own.
 * - An entry has the `sequence` that its look-up has read, and in `asked` the time of that look-up. Both this time and
 *   that of an invalidation are of a clock that all processes of a machine share, and that nobody can set.
 */
export const OBJECTS: readonly string[] = [
  `CREATE TABLE ${ENTRIES} (
    id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, key TEXT NOT NULL, variant TEXT NOT NULL, resource TEXT NOT NULL,
    tags TEXT NOT NULL, revision TEXT NOT NULL, sequence INTEGER NOT NULL, asked INTEGER NOT NULL,
    created_at REAL NOT NULL, purge_at REAL, used INTEGER NOT NULL, size INTEGER NOT NULL, body_bytes INTEGER NOT NULL,
    fields BLOB NOT NULL, UNIQUE (namespace, key, variant))`,
  `CREATE INDEX ${OURS}_by_resource ON ${ENTRIES} (namespace, resource)`,
  `CREATE INDEX ${OURS}_by_creation ON ${ENTRIES} (namespace, created_at)`,
  `CREATE INDEX ${OURS}_by_purge_time ON ${ENTRIES} (namespace, purge_at)`,
  `CREATE INDEX ${OURS}_by_use ON ${ENTRIES} (namespace, used, size)`,
  `CREATE TABLE ${BODIES} (id INTEGER PRIMARY KEY, body BLOB)`,
  `CREATE TABLE ${TAGS} (tag TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (tag, id)) WITHOUT ROWID`,
  `CREATE INDEX ${OURS}_tags_by_entry ON ${TAGS} (id)`,
  `CREATE TABLE ${META} (
    namespace TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (namespace, name)) WITHOUT ROWID`,
  `CREATE TABLE ${STATE} (
    namespace TEXT NOT NULL PRIMARY KEY, epoch TEXT NOT NULL, sequence INTEGER NOT NULL,
    floor INTEGER NOT NULL DEFAULT 0, cleared INTEGER NOT NULL DEFAULT 0, name TEXT, at INTEGER NOT NULL DEFAULT 0)
    WITHOUT ROWID`,
  `CREATE TABLE ${INVALIDATIONS} (
    namespace TEXT NOT NULL, name TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (namespace, name)) WITHOUT ROWID`,
  `CREATE INDEX ${OURS}_by_sequence ON ${INVALIDATIONS} (namespace, sequence, at)`,
  `CREATE TRIGGER ${OURS}_first_invalidation AFTER INSERT ON ${STATE} WHEN NEW.name IS NOT NULL BEGIN${KEEP_NAMED}
  END`,
  `CREATE TRIGGER ${OURS}_invalidation AFTER UPDATE OF sequence ON ${STATE} WHEN NEW.name IS NOT NULL BEGIN${KEEP_NAMED}
  END`,
  `CREATE VIEW ${WHOLE} AS
    SELECT id, namespace, key, variant, resource, tags, revision, sequence, asked, created_at, purge_at, size,
      body_bytes, fields, body
    FROM ${ENTRIES} LEFT JOIN ${BODIES} USING (id)`,
  `CREATE TRIGGER ${OURS}_put INSTEAD OF INSERT ON ${WHOLE} BEGIN
    INSERT OR IGNORE INTO ${STATE} (namespace, epoch, sequence) VALUES (NEW.namespace, ${NEW_COUNT});
    INSERT INTO ${ENTRIES} (namespace, key, variant, resource, tags, revision, sequence, asked, created_at, purge_at,
        used, size, body_bytes, fields)
      VALUES (NEW.namespace, NEW.key, NEW.variant, NEW.resource, NEW.tags, NEW.revision, NEW.sequence, NEW.asked,
        NEW.created_at, NEW.purge_at, ${NEXT_USE('NEW.namespace')}, NEW.size, NEW.body_bytes, NEW.fields)
      ON CONFLICT (namespace, key, variant) DO UPDATE SET resource = excluded.resource, tags = excluded.tags,
        revision = excluded.revision, sequence = excluded.sequence, asked = excluded.asked,
        created_at = excluded.created_at, purge_at = excluded.purge_at, used = excluded.used, size = excluded.size,
        body_bytes = excluded.body_bytes, fields = excluded.fields;
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
export const OWNERS: ReadonlySet<string> = new Set([ENTRIES, BODIES, TAGS, META, STATE, INVALIDATIONS, WHOLE]);

/** What is there already stays, as another process may be making it too. */
export const CREATE = OBJECTS.map((sql) => sql.replace(/^CREATE \w+ /, '$&IF NOT EXISTS ')).join(';\n');

const NO_TABLE = new RegExp(`no such table: \\S*${OURS}`);

/** Our tables are gone: by hand, by a later version of this package, or by a rollback of the user's. */
export const lacksTables = (error: unknown): boolean => NO_TABLE.test(String(error));
