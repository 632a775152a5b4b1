/**
 * The scripts that Redis runs: what must be one step is one script. Each uses the keys that it is given and no others,
 * and these are of one slot, but for the last one of `STORE` and `TOUCH`, which is left out on a cluster. No script
 * asks for the time: times to live are given, so that clocks of other machines do not matter.
 */
import { createHash } from 'node:crypto';
import { FORMAT } from '../record/part.js';
import { HEAD_BYTES, NO_MARK, TOKEN_LENGTH } from './frame.js';
import { MARGIN_MS } from './tokens.js';

export interface Script {
  readonly text: string;
  readonly sha: string;
}

const script = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') });

/** A time to live that is none. */
export const NEVER = 'never';
/** A key may have been deleted so often that all of its resource is invalidated in place of one more mark. */
const MAX_MARKS = 64;
const FORMAT_IN_LUA = [...FORMAT].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('');

/** What is of another type than it should be fails the script, and is healed by who has run it (`context.ts`). */
const TEXTS = `
local function text(key) return redis.call('GET', key) end
local function whole(number) return string.format('%.0f', number) end
`;

/** The record of a resource; one that is damaged is none, as for `readResource`. */
const RESOURCE = `
local function resource(key)
  local value = text(key) or ''
  local start, after = string.sub(value, 1, ${TOKEN_LENGTH}), string.sub(value, ${TOKEN_LENGTH + 1}, ${TOKEN_LENGTH + 1})
  if #start < ${TOKEN_LENGTH} or string.find(start, '[^%w_-]') or (after ~= '' and after ~= '|') then return nil end
  return value
end
`;

/** `left` is -1 for what never expires, as PTTL says it; what never expires is never given an end. */
const LIFETIMES = `
local function put(key, value, left)
  if left == -1 or left == '${NEVER}' then return redis.pcall('SET', key, value) end
  return redis.pcall('SET', key, value, 'PX', type(left) == 'number' and whole(left) or left)
end
local function failed(reply) return type(reply) == 'table' and reply.err end
local function prolong(key, ttl)
  if ttl == '${NEVER}' or ttl == -1 then redis.call('PERSIST', key) return end
  local left = redis.call('PTTL', key)
  if left >= 0 and left < tonumber(ttl) then redis.call('PEXPIRE', key, whole(tonumber(ttl))) end
end
local function longer(one, other)
  if one == '${NEVER}' or other == '${NEVER}' or tonumber(one) == -1 or tonumber(other) == -1 then return -1 end
  return math.max(tonumber(one), tonumber(other))
end
local function margin(ttl)
  if ttl == '${NEVER}' then return ttl end
  return whole(tonumber(ttl) + ${MARGIN_MS})
end
`;

const NAMESPACES = `
local function namespace(key)
  local value = text(key)
  if not value then return nil end
  return string.match(value, '^([^.|]+)%.(%d+)%.(%d+)%.(%d+)(.*)$')
end
-- Where there is no room for the record its keys go, and with it all that bears its token.
local function change(key, token, number, listing, changes, meta)
  local value = token .. '.' .. number .. '.' .. listing .. '.' .. whole(changes + 1) .. meta
  if failed(put(key, value, -1)) then redis.call('DEL', key) end
end
`;

const RESOURCES = `${RESOURCE}
local function token(value) return string.sub(value, 1, ${TOKEN_LENGTH}) end
local function mark(value, key)
  local from, to = string.find(value, '|' .. key .. '=', 1, true)
  return from and string.sub(value, to + 1, to + ${TOKEN_LENGTH}) or '${NO_MARK}'
end
`;

/** Heads of frames, '' for what is none of ours: that is written over. The places are those of frame.ts. */
const FRAMES = `
local function ours(head)
  return #head == ${HEAD_BYTES} and string.sub(head, 1, 3) == '${FORMAT_IN_LUA}'
end
local function head(key)
  local found = redis.call('GETRANGE', key, 0, ${HEAD_BYTES - 1})
  return ours(found) and found or ''
end
local function headOf(frame)
  local found = frame and string.sub(frame, 1, ${HEAD_BYTES}) or ''
  return ours(found) and found or ''
end
local function at(head) return tonumber(string.sub(head, 5, 20)) or 0 end
local function namespaceOf(head) return string.sub(head, 21, 36) end
local function resourceOf(head) return string.sub(head, 37, 52) end
local function markOf(head) return string.sub(head, 53, 68) end
local function revision(head) return string.sub(head, 69, 90) end
local function variant(head) return string.sub(head, 91, 112) end
local function fieldsEnd(head)
  return ${HEAD_BYTES} + (tonumber(string.sub(head, 139, 146)) or 0) + (tonumber(string.sub(head, 147, 154)) or 0)
end
local function flagged(frame, others)
  return string.sub(frame, 1, 3) .. (others and '1' or '0') .. string.sub(frame, 5)
end
`;

/**
 * Takes a variant away. One of the others takes the place of the one that stood apart, so that a look-up that finds
 * nothing there knows that there are none.
 */
const REMOVAL = `
local function remove(entry, others, index, key, inEntry, name)
  if not inEntry then
    redis.call('HDEL', others, name)
    if redis.call('EXISTS', others) == 0 and head(entry) ~= '' then redis.call('SETRANGE', entry, 3, '0') end
    return
  end
  local next = redis.call('HKEYS', others)[1]
  if not next then
    redis.call('DEL', entry)
    redis.call('ZREM', index, key)
    return
  end
  local frame, left = redis.call('HGET', others, next), redis.call('PTTL', others)
  redis.call('HDEL', others, next)
  local reply = put(entry, flagged(frame, redis.call('EXISTS', others) == 1), left)
  if failed(reply) then redis.call('DEL', entry, others) end
end
`;

/** An index knows of each member when the last of its entries expires. */
const INDEXES = `
local function note(index, member, expiry, ttl)
  local isNew = redis.call('EXISTS', index) == 0
  local score = redis.call('ZSCORE', index, member)
  if not score or (score ~= 'inf' and (expiry == '+inf' or tonumber(score) < tonumber(expiry))) then
    redis.call('ZADD', index, expiry, member)
  end
  if isNew and ttl ~= '${NEVER}' then redis.call('PEXPIRE', index, ttl) else prolong(index, ttl) end
end
`;

/** KEYS resource; ARGV token, time to live. Gives the record of the resource, made where it is absent. */
export const ENSURE_RESOURCE = script(`${TEXTS}${RESOURCE}
local value = resource(KEYS[1])
if value then return value end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`);

/**
 * KEYS namespace, then the token of each tag, each followed by the index of the tag where a member is given; ARGV
 * token, time to live, meta values, member, time, expiry of the member. Gives the record of the namespace and the
 * tokens, made where they are absent. The meta values are added to those that are there.
 */
export const ENSURE_NAMESPACE = script(`${TEXTS}${LIFETIMES}${NAMESPACES}${INDEXES}
local token, number, listing, changes, meta = namespace(KEYS[1])
local isNew = not token
if isNew then token, number, listing, changes, meta = ARGV[1], '0', '0', '0', '' end
local former = meta
for name, value in string.gmatch(ARGV[3], '|([^=|]+)=([^|]*)') do
  if not string.find(meta, '|' .. name .. '=', 1, true) then meta = meta .. '|' .. name .. '=' .. value end
end
local record = token .. '.' .. number .. '.' .. listing .. '.' .. changes .. meta
if isNew or meta ~= former then redis.call('SET', KEYS[1], record) end
local found = {record}
local step = ARGV[4] == '' and 1 or 2
for place = 2, #KEYS, step do
  local value = text(KEYS[place])
  if value then prolong(KEYS[place], ARGV[2])
  else
    value = token .. '.' .. number .. '.' .. ARGV[1]
    local reply = put(KEYS[place], value, ARGV[2])
    if failed(reply) then return reply end
  end
  found[#found + 1] = value
  if step == 2 then
    redis.call('ZREMRANGEBYSCORE', KEYS[place + 1], '-inf', ARGV[5])
    note(KEYS[place + 1], ARGV[4], ARGV[6], ARGV[2])
  end
end
return found`);

/** KEYS namespace; ARGV name, former value, value. Replaces a meta value that is still the former one. */
export const REPLACE_META = script(`${TEXTS}
local value = text(KEYS[1]) or ''
local from, to = string.find(value .. '|', '|' .. ARGV[1] .. '=' .. ARGV[2] .. '|', 1, true)
if not from then return 0 end
redis.call('SET', KEYS[1], string.sub(value, 1, from) .. ARGV[1] .. '=' .. ARGV[3] .. string.sub(value, to))
return 1`);

/** KEYS namespace. Counts a change of a key or a resource before it is made; gives the token. */
export const COUNT_CHANGE = script(`${TEXTS}${LIFETIMES}${NAMESPACES}
local token, number, listing, changes, meta = namespace(KEYS[1])
if not token then return false end
change(KEYS[1], token, number, listing, changes, meta)
return token`);

/** KEYS namespace; ARGV token. All that bears the former token is void. */
export const CHANGE_NAMESPACE = script(`${TEXTS}${LIFETIMES}${NAMESPACES}
local token, number, listing, changes, meta = namespace(KEYS[1])
if not token then return false end
change(KEYS[1], ARGV[1], number, listing, changes, meta)
return ARGV[1]`);

/** KEYS namespace. What is under way is void. */
export const CHANGE_LISTING = script(`${TEXTS}${LIFETIMES}${NAMESPACES}
local token, number, listing, changes, meta = namespace(KEYS[1])
if not token then return false end
local count = whole(number + 1)
change(KEYS[1], token, count, count, changes, meta)
return token`);

/** KEYS namespace, tag; ARGV token, time to live. Gives the token of the namespace, and the former one of the tag. */
export const CHANGE_TAG = script(`${TEXTS}${LIFETIMES}${NAMESPACES}
local token, number, listing, changes, meta = namespace(KEYS[1])
local former = text(KEYS[2])
if not token then
  redis.call('DEL', KEYS[2])
  return {'', former or ''}
end
local count = whole(number + 1)
change(KEYS[1], token, count, listing, changes, meta)
local left = redis.call('PTTL', KEYS[2])
local ttl = left == -1 and -1 or longer(left == -2 and 0 or left, ARGV[2])
if failed(put(KEYS[2], token .. '.' .. count .. '.' .. ARGV[1], ttl)) then redis.call('DEL', KEYS[2]) end
return {token, former or ''}`);

/** KEYS resource; ARGV token. Gives the former token, '' where there was none. */
export const CHANGE_RESOURCE = script(`${TEXTS}${LIFETIMES}${RESOURCES}
local value = resource(KEYS[1])
if not value then return '' end
if failed(put(KEYS[1], ARGV[1], redis.call('PTTL', KEYS[1]))) then redis.call('DEL', KEYS[1]) end
return token(value)`);

/** KEYS entry, others, resource, index; ARGV key, token, token of the namespace. Gives how many variants went. */
export const CHANGE_KEY = script(`${TEXTS}${LIFETIMES}${RESOURCES}${FRAMES}
local value = resource(KEYS[3])
local count = 0
local first = head(KEYS[1])
if value and first ~= '' and namespaceOf(first) == ARGV[3] and resourceOf(first) == token(value)
  and markOf(first) == mark(value, ARGV[1]) then count = 1 + redis.call('HLEN', KEYS[2]) end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[4], ARGV[1])
if not value then return 0 end
local marks, found = string.sub(value, ${TOKEN_LENGTH + 1}), 0
marks = string.gsub(marks, '|([^=|]+)=[^|]*', function(key)
  found = found + 1
  if key == ARGV[1] then return '' end
end)
local changed = found > ${MAX_MARKS} and ARGV[2] or token(value) .. marks .. '|' .. ARGV[1] .. '=' .. ARGV[2]
if failed(put(KEYS[3], changed, redis.call('PTTL', KEYS[3]))) then redis.call('DEL', KEYS[3]) end
return count`);

/**
 * KEYS entry, others, index; ARGV key, variant or '' for any, revision or '' for any, a head or '' for any. Gives how
 * many variants went.
 */
export const REMOVE_VARIANTS = script(`${TEXTS}${LIFETIMES}${FRAMES}${REMOVAL}
local count = 0
local function fits(found)
  if ARGV[4] ~= '' then return found == ARGV[4] end
  return ours(found) and (ARGV[2] == '' or variant(found) == ARGV[2]) and (ARGV[3] == '' or revision(found) == ARGV[3])
end
local all = redis.call('HGETALL', KEYS[2])
for place = 1, #all, 2 do
  if fits(string.sub(all[place + 1], 1, ${HEAD_BYTES})) then
    remove(KEYS[1], KEYS[2], KEYS[3], ARGV[1], false, all[place])
    count = count + 1
  end
end
if fits(redis.call('GETRANGE', KEYS[1], 0, ${HEAD_BYTES - 1})) then
  remove(KEYS[1], KEYS[2], KEYS[3], ARGV[1], true)
  count = count + 1
end
return count`);

/** What STORE and TOUCH see before they write. KEYS[5] is the namespace where it can be looked at in the same step. */
const ADMISSION = `
local function admitted(key, resourceToken, keyMark, namespaceToken, tagNumber, allChanges)
  local value = resource(KEYS[3])
  if not value or token(value) ~= resourceToken or mark(value, key) ~= keyMark then return false end
  if not KEYS[5] then return true end
  local name, _, listing, changes = namespace(KEYS[5])
  if name ~= namespaceToken or tonumber(listing) > tonumber(tagNumber) then return false end
  return allChanges == '' or changes == allChanges
end
`;

/**
 * KEYS entry, others, resource, index, perhaps the namespace; ARGV key, variant, token of the resource, mark, token of
 * the namespace, number of the tags at the look-up, number of all changes or '', revision that was seen or '', time of
 * the look-up or '' to write in any case, frame, time to live, time, expiry.
 */
export const STORE = script(`${TEXTS}${LIFETIMES}${NAMESPACES}${RESOURCES}${FRAMES}${REMOVAL}${INDEXES}${ADMISSION}
local entry, others, index, key, name = KEYS[1], KEYS[2], KEYS[4], ARGV[1], ARGV[2]
if not admitted(key, ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]) then return 0 end
local first = head(entry)
local inEntry = first ~= '' and variant(first) == name
local former = inEntry and first or headOf(redis.call('HGET', others, name))
if ARGV[9] ~= '' and former ~= '' and revision(former) ~= ARGV[8] and namespaceOf(former) == ARGV[5]
  and resourceOf(former) == ARGV[3] and markOf(former) == ARGV[4] and at(former) > tonumber(ARGV[9]) then return 0 end
local frame, ttl = ARGV[10], ARGV[11]
if ttl == '0' then
  if former ~= '' then remove(entry, others, index, key, inEntry, name) end
  return 1
end
local isVoid = namespaceOf(first) ~= ARGV[5] or resourceOf(first) ~= ARGV[3] or markOf(first) ~= ARGV[4]
if first == '' or inEntry or isVoid then
  local had = redis.call('HEXISTS', others, name)
  local isAlone = redis.call('HLEN', others) == had
  -- It is the first thing that is written: a full Redis refuses that, but nothing that comes after.
  -- It comes without the flag: most often it stays as it is, as each copy takes as long as writing it.
  if not isAlone then frame = flagged(frame, true) end
  local reply = put(entry, frame, isAlone and ttl or longer(redis.call('PTTL', others), ttl))
  if failed(reply) then return reply end
  if had == 1 then redis.call('HDEL', others, name) end
else
  local had = redis.call('EXISTS', others)
  redis.call('HSET', others, name, frame)
  if had == 1 then prolong(others, ttl) elseif ttl ~= '${NEVER}' then redis.call('PEXPIRE', others, ttl) end
  redis.call('SETRANGE', entry, 3, '1')
  prolong(entry, redis.call('PTTL', others))
end
prolong(KEYS[3], margin(ttl))
redis.call('ZREMRANGEBYSCORE', index, '-inf', ARGV[12])
note(index, key, ARGV[13], margin(ttl))
return 1`);

/**
 * KEYS as for STORE; ARGV key, variant, token of the resource, mark, token of the namespace, number of the tags at the
 * look-up, revision, frame without its body, time to live, expiry.
 */
export const TOUCH = script(`${TEXTS}${LIFETIMES}${NAMESPACES}${RESOURCES}${FRAMES}${INDEXES}${ADMISSION}
local entry, others, index, key, name = KEYS[1], KEYS[2], KEYS[4], ARGV[1], ARGV[2]
if not admitted(key, ARGV[3], ARGV[4], ARGV[5], ARGV[6], '') then return 0 end
local first = head(entry)
local inEntry = first ~= '' and variant(first) == name
local frame = not inEntry and redis.call('HGET', others, name)
local former = inEntry and first or headOf(frame)
if former == '' or revision(former) ~= ARGV[7] or namespaceOf(former) ~= ARGV[5] or resourceOf(former) ~= ARGV[3]
  or markOf(former) ~= ARGV[4] then return 0 end
local start, ttl = ARGV[8], ARGV[9]
if inEntry then
  local left = redis.call('PTTL', entry)
  local isAlone = redis.call('EXISTS', others) == 0
  local body = redis.call('GETRANGE', entry, fieldsEnd(first), -1)
  local reply = put(entry, flagged(start, not isAlone) .. body, isAlone and ttl or longer(left, ttl))
  if failed(reply) then return reply end
else
  redis.call('HSET', others, name, start .. string.sub(frame, fieldsEnd(former) + 1))
  prolong(others, ttl)
  prolong(entry, ttl)
end
prolong(KEYS[3], margin(ttl))
note(index, key, ARGV[10], margin(ttl))
return 1`);

/**
 * KEYS index, resource, then entry and others of each key; ARGV kind, token of the namespace, former token, then a key
 * for each. Deletes what bears another token of the namespace or of the resource than those of now and, where the kind
 * is 'tag', what bears the former token of the tag. Gives how many variants of those went that were valid until now.
 */
export const SWEEP = script(`${TEXTS}${LIFETIMES}${RESOURCES}${FRAMES}${REMOVAL}
local kind, valid, former = ARGV[1], ARGV[2], ARGV[3]
local value = resource(KEYS[2])
local current = value and token(value)
local before = kind == 'resource' and former or current
local count = 0
local function isMeant(found, tags)
  if found == '' or namespaceOf(found) ~= valid or resourceOf(found) ~= current then return true end
  return kind == 'tag' and string.find(tags(found), former, 1, true) ~= nil
end
local function gone(found)
  if found ~= '' and namespaceOf(found) == valid and resourceOf(found) == before then count = count + 1 end
end
for place = 3, #KEYS, 2 do
  local entry, others, key = KEYS[place], KEYS[place + 1], ARGV[3 + (place - 1) / 2]
  local all = redis.call('HGETALL', others)
  for field = 1, #all, 2 do
    local frame = all[field + 1]
    local other = headOf(frame)
    if isMeant(other, function(found) return string.sub(frame, ${HEAD_BYTES + 1}, fieldsEnd(found)) end) then
      remove(entry, others, KEYS[1], key, false, all[field])
      gone(other)
    end
  end
  local first = head(entry)
  if redis.call('EXISTS', entry) == 1 and isMeant(first, function(found)
    return redis.call('GETRANGE', entry, ${HEAD_BYTES}, fieldsEnd(found) - 1)
  end) then
    remove(entry, others, KEYS[1], key, true)
    gone(first)
  elseif first == '' then redis.call('ZREM', KEYS[1], key) end
end
return count`);

/** KEYS entry, others, resource. Gives the record of the resource, and the beginning and the length of each variant. */
export const DESCRIBE = script(`${TEXTS}${RESOURCE}${FRAMES}
local found = {resource(KEYS[3]) or ''}
local function add(first, start, length)
  if first ~= '' then
    found[#found + 1] = start
    found[#found + 1] = length
  end
end
local first = head(KEYS[1])
add(first, first ~= '' and redis.call('GETRANGE', KEYS[1], 0, fieldsEnd(first) - 1), redis.call('STRLEN', KEYS[1]))
for _, frame in ipairs(redis.call('HVALS', KEYS[2])) do
  local other = headOf(frame)
  add(other, other ~= '' and string.sub(frame, 1, fieldsEnd(other)), #frame)
end
return found`);

/** KEYS one; ARGV the type that it should have. Deletes what has another one, and gives that. */
export const HEAL = script(`
local found = redis.call('TYPE', KEYS[1]).ok
if found == 'none' or found == ARGV[1] then return false end
redis.call('DEL', KEYS[1])
return found`);

/** KEYS lease; ARGV who holds it, who does next or '' for nobody, time to live. */
export const RELEASE = script(`
if redis.call('MGET', KEYS[1])[1] ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`);
