/** How old an answer may be, and from when on: by RFC 9111, RFC 5861, the settings, and what was invalidated. */
import type { Confirmation, OriginFailure } from '../world/origin.js';
import type { Lead } from '../world/redirects.js';
import { type ResourceRules, tagOf } from '../world/resources.js';
import { type Asked, type Bound, type Played, SESSION_LIFETIME } from './played.js';
import { allowanceOf, isReadOnly } from './settings.js';
import type { Directive, RequestStep } from './steps.js';

/** A clock may be set back by so much without an answer counting as one from the future. */
const CLOCK_STEP_MS = 5000;

/** A call of the storage that takes longer is given up. */
const STORAGE_TIMEOUT_MS = 2000;

/** Whether the origin has failed while the request was under way, or has not answered in its time. */
const sawFailure = (asked: Asked, { failures }: Played): boolean =>
  isOutOfTime(asked) || failures.some((failure) => isOf(failure, asked));

export const isOutOfTime = ({ step, tookMs }: Asked): boolean => step.timeout > 0 && tookMs >= step.timeout;

export const isOf = ({ resource, at }: OriginFailure, asked: Asked): boolean =>
  (asked.step.via >= 0 || resource === asked.step.resource) && at > asked.at && at < asked.settledAt;

const concerns = (bound: Bound, resource: number): boolean =>
  bound.resource === 'all' ||
  bound.resource === resource ||
  (typeof bound.resource === 'object' && 'tag' in bound.resource && bound.resource.tag === tagOf(resource));

/** As an invalidation of a source's URL means its redirect, and not what that leads to. */
const concernsSource = ({ resource }: Bound, source: number): boolean =>
  resource === 'all' || (typeof resource === 'object' && 'source' in resource && resource.source === source);

/** Whether what was told of a source may be gone by, for this request. */
export function mayLead(asked: Asked, lead: Lead, rules: ResourceRules, played: Played): boolean {
  const bounds = played.bounds.filter((bound) => concernsSource(bound, lead.source) && isTold(bound, asked, played));
  return isUsable(asked, lead, bounds, rules, played);
}

/** Another instance is bound where the storage has told it, and can. */
export const binds = (bound: Bound, asked: Asked, played: Played): boolean =>
  concerns(bound, asked.step.resource) && isTold(bound, asked, played);

const isTold = (bound: Bound, asked: Asked, played: Played): boolean =>
  bound.at < asked.at && (bound.on === asked.on || (bound.isEverywhere && !isCutOff(asked, played)));

/** Whether a request may have had to do without the storage, as a call of it has failed or taken too long. */
const isCutOff = ({ askedMs, settledAt, tookMs, step }: Asked, { storageCalls }: Played): boolean =>
  (step.timeout > 0 && tookMs > 0) ||
  storageCalls.some((call) => {
    const untilMs = Math.min(call.untilMs ?? Infinity, askedMs + tookMs);
    return call.at < settledAt && (call.hasFailed || untilMs - call.sinceMs >= STORAGE_TIMEOUT_MS);
  });

/** Whether what an answer of the origin has confirmed may be given to this request. */
export function mayAnswer(asked: Asked, of: Confirmation, rules: ResourceRules, played: Played): boolean {
  const bounds = played.bounds.filter((bound) =>
    binds(bound, asked, played) && (bound.on === asked.on || !isSharedUnstored(asked, of, played)));
  return isUsable(asked, of, bounds, rules, played);
}

/**
 * Whether it may have come by a request of another caller that was under way, of an instance that writes nothing: by
 * refusing to store an answer the storage tells what another process has invalidated meanwhile.
 */
const isSharedUnstored = (asked: Asked, { sentAt, receivedAt = 0 }: Confirmation, { schedule }: Played): boolean =>
  isReadOnly(schedule, asked.on) && sentAt < asked.at && receivedAt > asked.at;

/** Whether it is neither too old nor from before what binds the request. */
function isUsable(
  asked: Asked,
  of: Confirmation | Lead,
  bounds: readonly Bound[],
  rules: ResourceRules,
  played: Played,
): boolean {
  if (of.receivedAt === undefined || of.receivedAt > asked.settledAt) return false;
  if (bounds.some(({ madeBefore }) => of.madeAt < madeBefore)) return false;
  // Nothing is newer than what was asked for after the request.
  if (of.madeAt > asked.at) return true;
  if (asked.isClosed) return false;
  const allowed = Math.max(allowedAge(asked, rules, played), softAge(asked, rules, played));
  // The longest lifetime that is set counts from the receipt, too.
  const { maxLifetime } = allowanceOf(played.schedule);
  const bounded = maxLifetime === Infinity ? Infinity : allowedAge(asked, rules, played, maxLifetime);
  return asked.wallMs.some((ms) => {
    const residentMs = ms - (of.receivedMs ?? 0);
    if (residentMs < -CLOCK_STEP_MS) return allowed === Infinity;
    // What the origin's word is about counts from when it was asked; other lifetimes from the receipt.
    const delayMs = rules.lifetime === undefined ? 0 : Math.max(0, (of.receivedMs ?? 0) - of.sentMs);
    const isInBounds = bounded === Infinity || Math.max(0, residentMs) / 1000 <= bounded;
    return isInBounds && (Math.max(0, residentMs) + delayMs) / 1000 <= allowed;
  });
}

/** A shared cache keeps no answer to a request with Authorization (RFC 9111 section 3.5). */
const isNeverStored = ({ step }: Asked, { schedule }: Played): boolean =>
  allowanceOf(schedule).isShared && step.user !== '';

/** The same where the origin has had its time: fresh or stale, but for what the headers say of it. */
function softAge(asked: Asked, rules: ResourceRules, played: Played): number {
  const { mode, directive, range } = asked.step;
  if (asked.tookMs < allowanceOf(played.schedule).softTimeoutMs || isNeverStored(asked, played)) return -1;
  if (rules.noStore || rules.validatesAlways || range !== '' || mode === 'reload' || mode === 'no-store') return -1;
  if (directive.startsWith('no-') || directive === 'max-age=0') return -1;
  const lifetime = lifetimeFor(asked, rules, played);
  if (directive === 'min-fresh=4') return lifetime - LIMITS[directive].reserve;
  return Math.min(directive.startsWith('max-age=3') ? 3 : Infinity, rules.forbidsStale ? lifetime : Infinity);
}

/** So many seconds old what is stored may be for this request; -1 where nothing that is stored may answer it. */
export function allowedAge(asked: Asked, rules: ResourceRules, played: Played, maxLifetime = Infinity): number {
  const { mode, directive } = asked.step;
  if (isNeverStored(asked, played)) return -1;
  if (rules.noStore || mode === 'reload' || mode === 'no-store' || directive === 'no-store') return -1;
  const lifetime = Math.min(maxLifetime, lifetimeFor(asked, rules, played));
  const bridged = bridgedFor(asked, rules, played);
  if (mode === 'no-cache') return bridged > 0 ? lifetime + bridged : -1;
  if (mode === 'force-cache' || mode === 'only-if-cached') return Infinity;
  if (rules.validatesAlways || directive === 'no-cache') return -1;
  const { most, reserve, stale } = LIMITS[directive];
  const revalidated = Math.max(rules.staleWhileRevalidate, allowanceOf(played.schedule).staleWhileRevalidate);
  const window = rules.forbidsStale ? 0 : Math.max(stale, bridged, limitsAge(directive) || reserve > 0 ? 0 : revalidated);
  return Math.max(Math.min(lifetime - reserve + window, most), bridged > 0 ? lifetime + bridged : -1);
}

/** What a request's own directive says, in seconds: the greatest age, what must be left, how far past its end. */
const LIMITS: Readonly<Record<Directive, { readonly most: number; readonly reserve: number; readonly stale: number }>> = {
  '': { most: Infinity, reserve: 0, stale: 0 },
  'no-cache': { most: -1, reserve: 0, stale: 0 },
  'no-store': { most: -1, reserve: 0, stale: 0 },
  'max-age=0': { most: -1, reserve: 0, stale: 0 },
  'max-age=3': { most: 3, reserve: 0, stale: 0 },
  'min-fresh=4': { most: Infinity, reserve: 4, stale: 0 },
  'max-stale': { most: Infinity, reserve: 0, stale: Infinity },
  'max-stale=5': { most: Infinity, reserve: 0, stale: 5 },
  'only-if-cached': { most: Infinity, reserve: 0, stale: 0 },
  'stale-if-error=20': { most: Infinity, reserve: 0, stale: 0 },
  'max-age=3, max-stale=10': { most: 13, reserve: 0, stale: 10 },
};

const limitsAge = (directive: Directive): boolean => directive.startsWith('max-age');

/** Where the origin says nothing, a lifetime on a request is that of what it stores, and the most that it takes. */
function lifetimeFor({ step, at }: Asked, rules: ResourceRules, { asked }: Played): number {
  if (rules.lifetime !== undefined) return rules.lifetime;
  if (step.lifetime > 0) return step.lifetime;
  const mayBeSame = (other: RequestStep): boolean => other.via >= 0 || step.via >= 0 || other.resource === step.resource;
  const given = asked.filter((other) => mayBeSame(other.step) && other.at < at);
  return Math.max(SESSION_LIFETIME, ...given.map((other) => other.step.lifetime));
}

/** How long past its end an answer may stand in, where the origin has failed meanwhile. */
function bridgedFor(asked: Asked, rules: ResourceRules, played: Played): number {
  const { directive } = asked.step;
  if (rules.forbidsStale || !sawFailure(asked, played)) return 0;
  if (directive === 'stale-if-error=20') return 20;
  const isLimited = limitsAge(directive) || directive === 'min-fresh=4' || directive === 'no-cache';
  return isLimited ? 0 : Math.max(rules.staleIfError, allowanceOf(played.schedule).staleIfError);
}
