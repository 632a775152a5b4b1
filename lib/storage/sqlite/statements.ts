/** Every statement of SqliteStorage, on the tables of `schema.ts`. */
import { FORMAT } from '../record/part.js';
import { BODIES, ENTRIES, INVALIDATIONS, META, NEW_COUNT, NEXT_USE, STATE, TAGS, WHOLE } from './schema.js';

/** Rows deleted by one statement at most: it holds other writers up, and some drivers this thread. */
export const CHUNK = 500;
/** Entries read at once by a listing. */
const PAGE = 200;

/** Deletes the entries that a selection of their ids finds, a chunk of them. */
const deleteChunk = (selection: string): string =>
  `DELETE FROM ${ENTRIES} WHERE id IN (SELECT id FROM ${selection} LIMIT ${CHUNK})`;

/**
 * sequence of an invalidation, namespace. What was looked up after the invalidation stays. A number above the count can
 * only be damage, and would hide its entry from every deletion.
 */
const BEFORE = `${ENTRIES}.sequence NOT BETWEEN ? AND (SELECT sequence FROM ${STATE} WHERE namespace = ?)`;

/** The texts by which an entry is found, in one: each is JSON, so that where one ends is never in doubt. */
const ADDRESS = `${ENTRIES}.namespace || key || variant || resource || tags || revision AS address`;
/** What is read of an entry without its body. */
const INFO = `id, ${ADDRESS}, body_bytes, fields`;

/**
 * namespace. `total` and not `sum`, which fails where damaged numbers are too large.
 */
const TOTAL = `SELECT total(size) AS bytes FROM ${ENTRIES} WHERE namespace = ?`;

/** Whether one of `names`, a list as JSON, was invalidated after `sequence`. Names are fewer, so they come first. */
const isInvalidated = (names: string, sequence: string): string =>
  `EXISTS (SELECT 1 FROM json_each(${names}) CROSS JOIN ${INVALIDATIONS} AS later
    ON later.namespace = given.namespace AND later.name = value WHERE later.sequence > ${sequence})`;

/** What is written without a fence depends on nothing that was looked up. */
const unlessFenced = (condition: string): string => `(given.epoch IS NULL OR (${condition}))`;

/** Columns that a put is given as they are. */
const PUT_COLUMNS = [
  'namespace', 'key', 'variant', 'resource', 'tags', 'revision', 'created_at', 'purge_at', 'size', 'body_bytes',
  'fields', 'body', 'asked',
].join(', ');
/** What a fence is to a statement; `epoch`, `sequence` and `since` are NULL without one. */
const FENCE_COLUMNS = 'ahead, names, epoch, sequence, since, seen';

const placesFor = (columns: string): string => columns.replaceAll(/\w+/g, '?');
const given = (columns: string): string => `WITH given (${columns}) AS (VALUES (${placesFor(columns)}))`;

/**
 * Another answer under the same variant that was looked up later, and that the look-up has not seen. A time of another
 * run of the machine says nothing; it is known by lying ahead.
 */
const IS_LATER_THERE = `EXISTS (SELECT 1 FROM ${ENTRIES} AS there
    WHERE there.namespace = given.namespace AND there.key = given.key AND there.variant = given.variant
      AND there.asked > given.asked AND there.asked < given.ahead
      AND there.revision NOT IN (SELECT value FROM json_each(given.seen)))`;

/** Values in the order of the question marks; `namespace`, `key` and so on as JSON. */
export const SQL = {
  /** key, namespace. Gives a row without an entry where there is none, and no row without a state of the namespace. */
  get: `SELECT epoch || '.' || ${STATE}.sequence AS fence, ${ENTRIES}.sequence AS sequence, ${INFO}, body
    FROM ${STATE} LEFT JOIN ${ENTRIES} ON ${ENTRIES}.namespace = ${STATE}.namespace AND key = ?
      LEFT JOIN ${BODIES} USING (id)
    WHERE ${STATE}.namespace = ?`,
  /** key, namespace. As `get`, but without bodies. */
  revisions: `SELECT epoch || '.' || ${STATE}.sequence AS fence, ${ENTRIES}.sequence AS sequence, ${INFO}
    FROM ${STATE} LEFT JOIN ${ENTRIES} ON ${ENTRIES}.namespace = ${STATE}.namespace AND key = ?
    WHERE ${STATE}.namespace = ?`,
  /** namespace */
  makeState: `INSERT OR IGNORE INTO ${STATE} (namespace, epoch, sequence) VALUES (?, ${NEW_COUNT})`,
  /** namespace */
  remakeState: `INSERT OR REPLACE INTO ${STATE} (namespace, epoch, sequence) VALUES (?, ${NEW_COUNT})`,
  /** What PUT_COLUMNS and FENCE_COLUMNS say. Gives a row where it was written. */
  put: `${given(`${PUT_COLUMNS}, ${FENCE_COLUMNS}`)}
    INSERT INTO ${WHOLE} (${PUT_COLUMNS}, sequence)
    SELECT ${PUT_COLUMNS},
      coalesce(sequence, (SELECT sequence FROM ${STATE} WHERE ${STATE}.namespace = given.namespace), 0)
    FROM given
    WHERE ${unlessFenced(`EXISTS (SELECT 1 FROM ${STATE}
        WHERE ${STATE}.namespace = given.namespace AND ${STATE}.epoch = given.epoch AND floor <= given.sequence
          AND cleared <= given.since)
      AND NOT ${isInvalidated('given.names', 'given.since')} AND NOT ${IS_LATER_THERE}`)}
    RETURNING 1 AS stored`,
  /**
   * What the columns say. Gives a row where it was written. What the entry was until now is checked too: a deletion in
   * chunks may be on its way to it, and finds it by what it was.
   */
  touch: `${given(`namespace, key, variant, resource, tags, revision, created_at, purge_at, fields, format,
      asked, ${FENCE_COLUMNS}`)}
    UPDATE ${ENTRIES} SET resource = given.resource, tags = given.tags,
      sequence = max(${ENTRIES}.sequence, ifnull(given.sequence, ${STATE}.sequence)),
      asked = iif(${ENTRIES}.asked BETWEEN given.asked AND given.ahead, ${ENTRIES}.asked, given.asked),
      created_at = given.created_at, purge_at = given.purge_at,
      size = size - length(${ENTRIES}.fields) + length(given.fields), fields = given.fields, used = ${NEXT_USE('given.namespace')}
    FROM given CROSS JOIN ${STATE}
    WHERE ${STATE}.namespace = given.namespace AND ${ENTRIES}.namespace = given.namespace
      AND ${ENTRIES}.key = given.key AND ${ENTRIES}.variant = given.variant AND ${ENTRIES}.revision = given.revision
      AND substr(${ENTRIES}.fields, 1, ${FORMAT.byteLength}) = given.format
      AND ${unlessFenced(`${STATE}.epoch = given.epoch AND floor <= given.sequence
        AND NOT ${isInvalidated('given.names', 'given.sequence')}`)}
      AND ${ENTRIES}.sequence BETWEEN cleared AND ${STATE}.sequence
      AND NOT ${isInvalidated(`json_array('k' || ${ENTRIES}.key, 'r' || ${ENTRIES}.resource)`, `${ENTRIES}.sequence`)}
      AND NOT EXISTS (SELECT 1 FROM json_each(${ENTRIES}.tags) CROSS JOIN ${INVALIDATIONS} AS later
        ON later.namespace = given.namespace AND later.name = 't' || value WHERE later.sequence > ${ENTRIES}.sequence)
    RETURNING 1 AS touched`,
  /**
   * namespace; 1 where nothing that was looked up before may be stored; 1 where nothing that is stored may stay; name,
   * or NULL for everything; time. Gives the number of the invalidation.
   */
  invalidate: `INSERT INTO ${STATE} (namespace, epoch, sequence, floor, cleared, name, at)
    VALUES (?, ${NEW_COUNT}, ?, ?, ?, ?)
    ON CONFLICT (namespace) DO UPDATE SET sequence = sequence + 1, floor = iif(excluded.floor, sequence + 1, floor),
      cleared = iif(excluded.cleared, sequence + 1, cleared), name = excluded.name, at = excluded.at
    RETURNING sequence`,
  /**
   * namespace, time, time, namespace: raises the floor above the oldest invalidations where these are of a time outside
   * the two.
   */
  raiseFloor: `UPDATE ${STATE} SET floor = max(floor, ifnull((
      SELECT max(sequence) FROM (
        SELECT sequence, at FROM ${INVALIDATIONS} WHERE namespace = ? ORDER BY sequence LIMIT ${CHUNK})
      WHERE at NOT BETWEEN ? AND ?), 0))
    WHERE namespace = ?`,
  /** namespace, namespace: what is not above the floor stops nothing that the floor does not stop. */
  deleteInvalidations: `DELETE FROM ${INVALIDATIONS} WHERE (namespace, name) IN (
      SELECT namespace, name FROM ${INVALIDATIONS}
      WHERE namespace = ? AND sequence <= (SELECT floor FROM ${STATE} WHERE namespace = ?) LIMIT ${CHUNK})`,
  /** namespace, the id of the last one listed. The plus keeps it from an index that would be sorted for each page. */
  list: `SELECT ${INFO} FROM ${ENTRIES} WHERE +namespace = ? AND id > ? ORDER BY id LIMIT ${PAGE}`,
  /** namespace, key, and those of BEFORE */
  deleteKey: deleteChunk(`${ENTRIES} WHERE namespace = ? AND key = ? AND ${BEFORE}`),
  /** namespace, key, variant or NULL, revision or NULL */
  deleteVariants: deleteChunk(`${ENTRIES} WHERE namespace = ? AND key = ?
    AND variant = ifnull(?, variant) AND revision = ifnull(?, revision)`),
  /** namespace, resource, and those of BEFORE */
  deleteResource: deleteChunk(`${ENTRIES} WHERE namespace = ? AND resource = ? AND ${BEFORE}`),
  /** namespace, tag, and those of BEFORE. A CROSS JOIN begins with the tags, which are fewer. */
  deleteTag: deleteChunk(`${TAGS} CROSS JOIN ${ENTRIES} USING (id) WHERE namespace = ? AND tag = ? AND ${BEFORE}`),
  /** namespace, and those of BEFORE */
  deleteNamespace: deleteChunk(`${ENTRIES} WHERE namespace = ? AND ${BEFORE}`),
  /** namespace, time */
  deletePurged: deleteChunk(`${ENTRIES} WHERE namespace = ? AND purge_at <= ?`),
  /** namespace, time: what was written later than that, by a clock that was ahead. */
  deleteAhead: deleteChunk(`${ENTRIES} WHERE namespace = ? AND created_at > ?`),
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
  /** namespace, name, value, the former value or NULL: it is replaced, as is what is no text. */
  makeMeta: `INSERT INTO ${META} (namespace, name, value) VALUES (?, ?, ?)
    ON CONFLICT (namespace, name) DO UPDATE SET value = excluded.value
    WHERE iif(json_valid(value), json_type(value) <> 'text', TRUE) OR value = ?`,
  /** What the file has, ours and others. A text is cut where it is longer than any of ours. */
  objects: 'SELECT type, name, tbl_name AS owner, substr(sql, 1, 10000) AS sql FROM sqlite_master',
} as const;
