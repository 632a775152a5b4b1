/** This file tells what would become of a request, for `instance.cache.explain`. */
import type { AxiosRequestConfig } from 'axios';
import { type Located, locateManaged, type Place } from './managed-requests.js';
import { followBy } from '../redirects/follow.js';
import type { AxiosRequest } from '../request/axios-request.js';
import { settingOf } from '../request/fetch-mode.js';
import { bypassReason } from '../request/locate.js';
import { MAX_REDIRECTS, maxRedirectsOf } from '../request/redirect-limit.js';
import type { EntryInfo } from '../../api/entry-info.js';
import type { CacheExplanation } from '../../api/explanation.js';
import { type Engine, explained } from '../../engine/engine.js';
import { type Forecast, forecastOf, isFromStore } from '../../engine/foresee.js';
import { decodeHead } from '../../entries/head.js';
import { describeListed } from '../../entries/listed.js';
import type { Rung } from '../../options/lifetimes.js';
import { rungsFor } from '../../options/policy.js';
import { explicitLifetime } from '../../rfc9111/freshness.js';
import type { CacheReason, Seconds } from '../../rfc9111/model.js';
import { REASONS, UNSTORED } from '../../rfc9111/rules.js';
import type { CacheSession } from '../../session.js';

/** Asks the same questions as the adapter does for a real request, in the same order. */
export async function explain(
  place: Place,
  url: string,
  config: AxiosRequestConfig = {},
): Promise<CacheExplanation> {
  const { session } = place;
  const located = await locateManaged(place, url, config, 'as asked');
  const refusal = refusalOf(located, session);
  const forecast = refusal === undefined ? await foresee(located, place) : bypassed(refusal);
  const { status: would, reason, notStored, entry } = forecast;
  const facts = {
    would,
    reason,
    notStored,
    key: located.request.shownKey(session),
    expirySource: isFromStore(would) ? entry?.lifetime.source : undefined,
    stored: await storedFor(located.request, session),
    parts: partsOf(located.request),
    ladder: ladderOf(place, located, forecast),
    rule: REASONS[reason][0],
  };
  return Object.defineProperty(facts, 'toString', { value: () => sentences(facts) });
}

function refusalOf({ config, target, locator, request }: Located, session: CacheSession): CacheReason | undefined {
  if (session.state !== 'active') return session.state;
  if (session.withoutCache.isInside) return 'disabled';
  return bypassReason(config, target.policy) ?? locator.refusalOf(request);
}

const bypassed = (reason: CacheReason): Forecast => ({
  status: 'bypass',
  reason,
  notStored: 'bypass',
  entry: undefined,
});

/** Neither asks the origin nor changes anything, and waits for the storage only. */
async function foreseeOne(request: AxiosRequest, engine: Engine): Promise<Forecast> {
  const { policy } = request;
  const { now, unconditional } = engine.ports;
  // A look-up deletes what it finds to be of no use.
  const looking = Object.create(request, { policy: { value: { ...policy, readOnly: true } } }) as AxiosRequest;
  const reading = await engine.read(looking, now());
  const patient = { request: looking, raceLookUp: <T>(found: Promise<T>): Promise<T> => found };
  const decision = await engine.decide(patient, reading);
  const isToOrigin = decision.kind === 'validate' || decision.kind === 'forward' || decision.kind === 'complete';
  const sends = decision.kind === 'validate' && !unconditional.concerns(request);
  return forecastOf(isToOrigin ? explained(decision, reading) : decision, reading, policy, sends);
}

/** Follows redirects that are stored, as the adapter does. */
async function foresee({ request: first, locator, dialect }: Located, { session, instance }: Place): Promise<Forecast> {
  const { engine } = session;
  const follow = followBy((config) => locator.locate(config, dialect, instance.defaults));
  const limit = Math.min(maxRedirectsOf(first.config), MAX_REDIRECTS);
  let at = first;
  for (let followed = 1; ; followed += 1) {
    const forecast = await foreseeOne(at, engine);
    const to = isFromStore(forecast.status) ? forecast.entry?.redirectsTo : undefined;
    if (to === undefined) return forecast;
    const next = followed <= limit ? follow(at, to) : undefined;
    if (next === undefined) return foreseeOne(first.ignoringRedirects(), engine);
    at = next;
  }
}

async function storedFor({ resource }: AxiosRequest, session: CacheSession): Promise<readonly EntryInfo[]> {
  const stored: EntryInfo[] = [];
  for await (const info of session.guarded.entries()) {
    if (info.resource !== resource || decodeHead(info.head) === undefined) continue;
    stored.push(describeListed(info, session.displayKey(info.key), session.options.now()));
  }
  return stored;
}

/** Shows what tells the request apart from others, without a value that may be a secret. */
function partsOf({ head, ownKey, restOfKey, bodyKind }: AxiosRequest): CacheExplanation['parts'] {
  const [user = '', ...lines] = restOfKey.slice(1).split('\n');
  // A line for a field is a pair; there may be another one for all else.
  const pairs = lines.map((line) => JSON.parse(line) as readonly unknown[]).filter(({ length }) => length === 2);
  const parts: Record<string, string> = { method: head.method, url: head.url, user: describeUser(user) };
  if (ownKey !== undefined) parts['key'] = 'a text of its own';
  if (pairs.length > 0) parts['headers'] = pairs.map(([name]) => String(name)).join(', ');
  if (bodyKind !== 'none') parts['body'] = bodyKind === 'text' ? 'its content' : 'a stream';
  return parts;
}

/** Leaves out the digests of credentials, and of names. */
function describeUser(partition: string): string {
  if (partition.startsWith('everybody')) return 'everybody';
  if (partition.startsWith('named ')) return 'a named user';
  const names = partition.split(';').slice(1).map((each) => each.split('=', 1)[0] ?? '');
  return names.length === 0 ? 'no credentials' : `credentials: ${names.join(', ')}`;
}

function ladderOf({ session, instance }: Place, { config, target }: Located, { entry }: Forecast) {
  const { policy } = target;
  const explicit = entry === undefined ? undefined : explicitLifetime(entry, entry, policy);
  const local = rungsFor(session.options, target.href, settingOf(config, instance.defaults));
  return [
    { source: 'response' as const, says: explicit === undefined ? undefined : inSeconds(explicit) },
    ...local.map(({ source, rung }) => ({ source, says: rung === undefined ? undefined : sayRung(rung) })),
    { source: 'default' as const, says: 'never' },
  ];
}

const inSeconds = (seconds: Seconds): string => (seconds === Infinity ? 'never' : `${seconds} s`);

function sayRung(rung: Rung): string {
  switch (rung.kind) {
    case 'seconds':
      return inSeconds(rung.seconds);
    case 'until':
      return `until ${new Date(rung.at).toISOString()}`;
    case 'asked':
      return 'what its function says of the answer';
    case 'off':
    case 'on':
    case 'heuristic':
      return rung.kind;
  }
}

const VERDICTS: Readonly<Record<CacheExplanation['would'], string>> = {
  hit: 'The stored answer would be used',
  stale: 'The stored answer would be used although it is stale',
  revalidated: 'The server would be asked whether the stored answer still holds',
  miss: 'The answer would not come from the cache',
  bypass: 'The request would go past the cache',
};
/** So many stored answers are described in sentences. */
const MOST_SHOWN = 5;

function sentences(facts: Omit<CacheExplanation, 'toString'>): string {
  const { would, reason, rule, parts, stored, ladder, notStored, expirySource, key } = facts;
  const said = ladder.map(({ source, says }) => `${source} says ${says ?? 'nothing'}`).join(', ');
  const others = stored.length - MOST_SHOWN;
  return [
    `${parts['method']} ${parts['url']}`,
    `${VERDICTS[would]}: ${REASONS[reason][1]} (${reason}; ${rule}).`,
    stored.length === 0 ? 'Nothing is stored for this URL.' : `For this URL ${count(stored.length)} stored:`,
    ...stored.slice(0, MOST_SHOWN).map((each) => `  ${describeStored(each)}`),
    ...(others > 0 ? [`  and ${others} more.`] : []),
    `Of the lifetime the ${said}.${expirySource === undefined ? '' : ` That of the ${expirySource} counts.`}`,
    ...storing(would, notStored),
    `The key ${key} is made of ${Object.entries(parts).map(([name, value]) => `${name} (${value})`).join(', ')}.`,
  ].join('\n');
}

const count = (stored: number): string => (stored === 1 ? 'one answer is' : `${stored} answers are`);

function describeStored({ method, status, createdAt, expiresAt, stale, bytes }: EntryInfo): string {
  const end = expiresAt === null ? 'for ever' : `until ${expiresAt.toISOString()}`;
  const life = stale ? `stale since ${expiresAt?.toISOString() ?? 'its clock was ahead'}` : `fresh ${end}`;
  return `${method} ${status}, received ${createdAt.toISOString()}, ${life}, ${bytes} bytes.`;
}

function storing(would: CacheExplanation['would'], reason: CacheExplanation['notStored']): readonly string[] {
  if (reason !== undefined) return [`The answer would not be stored: ${UNSTORED[reason] ?? reason}.`];
  return isFromStore(would) ? [] : ['Whether the answer would be stored depends on what it is.'];
}
