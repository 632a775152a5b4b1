/**
 * The model: what RFC 9111 and the documentation allow an answer to be. It knows nothing of how the cache works, and
 * judges only by who asked what, what the origin has made when, and what was invalidated.
 */
import { AxiosError, isCancel } from 'axios';
import { type Confirmation, type OriginFailure, REFUSED } from '../world/origin.js';
import { bodyOf, type Identity, nameOf, type ResourceRules, rulesOf, tagOf } from '../world/resources.js';
import { type Asked, type Bound, type Given, type Played, SESSION_LIFETIME } from './play.js';
import { type Directive, isUndisturbed } from './steps.js';

/** A clock may be set back by so much without an answer counting as one from the future. */
const CLOCK_STEP_MS = 5000;

/** A call of the storage that takes longer is given up. */
const STORAGE_TIMEOUT_MS = 2000;

/** A request may take half of its time for what the cache looks up, and the server has all of it. */
const TIMEOUT_FACTOR = 2;
const TIMEOUT_GRACE_MS = 100;

/** Says what is wrong with a schedule as it was played; nothing where all is as it may be. */
export function judge(played: Played): string[] {
  const wrong = played.asked.flatMap((asked) => {
    const fault = faultOf(asked, played);
    return fault === undefined ? [] : [`request ${asked.index} (${described(asked)}): ${fault}`];
  });
  return [...played.complaints, ...wrong];
}

const described = ({ step }: Asked): string =>
  `${step.method} ${step.resource} of ${step.user || 'nobody'} on ${step.on}`;

function faultOf(asked: Asked, played: Played): string | undefined {
  const { given, step, tookMs } = asked;
  if (given === undefined) return undefined;
  if (step.timeout > 0 && tookMs > step.timeout * TIMEOUT_FACTOR + TIMEOUT_GRACE_MS && step.type !== 'stream') {
    return `it took ${tookMs} ms, and its timeout is ${step.timeout} ms`;
  }
  switch (given.kind) {
    case 'error': return faultOfError(asked, given.error, played);
    case 'broken stream': return mayFail(asked, played) ? undefined : 'its stream breaks, and nothing has failed';
    case 'answer': return faultOfAnswer(asked, given, played);
  }
}

function faultOfError(asked: Asked, error: unknown, played: Played): string | undefined {
  const { config } = error as Partial<AxiosError>;
  if (config !== undefined && config.signal !== asked.signal) return 'it is given the error of another one';
  if (isCancel(error)) return asked.isAborted ? undefined : 'it is cancelled, and nobody has aborted it';
  if (!(error instanceof AxiosError)) return `it is rejected with ${String(error)}`;
  if (['ECONNABORTED', 'ETIMEDOUT'].includes(String(error.code))) {
    return asked.step.timeout > 0 ? undefined : 'it runs out of time, and has no timeout';
  }
  if (error.response?.status === 504) {
    return isOffline(asked) || played.failures.length > 0 ? undefined : 'it is answered 504, and may ask the origin';
  }
  return mayFail(asked, played) ? undefined : `it fails by ${String(error.code)}: ${error.message}, and nothing has failed`;
}

const isOffline = ({ step }: Asked): boolean => step.mode === 'only-if-cached' || step.directive === 'only-if-cached';

/** Whether the origin has failed while the request was under way, or has not answered in its time. */
const sawFailure = (asked: Asked, { failures }: Played): boolean =>
  isOutOfTime(asked) || failures.some((failure) => isOf(failure, asked));

/** A failure is its caller's own: whoever has joined a request that was sent before asks once more. */
const mayFail = (asked: Asked, { failures }: Played): boolean =>
  isOutOfTime(asked) || failures.some((failure) => isOf(failure, asked) && failure.sentAt > asked.at);

const isOutOfTime = ({ step, tookMs }: Asked): boolean => step.timeout > 0 && tookMs >= step.timeout;

const isOf = ({ resource, at }: OriginFailure, asked: Asked): boolean =>
  resource === asked.step.resource && at > asked.at && at < asked.settledAt;

function faultOfAnswer(
  asked: Asked,
  { status, is, body, age }: Extract<Given, { readonly kind: 'answer' }>,
  played: Played,
): string | undefined {
  const { step } = asked;
  const resource = played.schedule.resources[step.resource];
  if (resource === undefined) return 'there is no such resource';
  // Where the request without conditions fails, the refusal of those with conditions is all that there is.
  if (status === REFUSED && resource.conditions === 'refuses' && played.failures.length > 0) return undefined;
  if (status !== 200) return `it is answered ${status}`;
  const version = versionOf(is);
  const variant = resource.varies ? step.variant : '';
  const wanted: Identity = { resource: step.resource, user: step.user, variant, version };
  if (is !== nameOf(wanted)) return `it is given ${is}, which is not ${nameOf({ ...wanted, version: NaN })}`;
  if (body !== undefined && body !== bodyOf(wanted)) return `the head of ${is} has another body: ${body}`;
  const confirmations = played.confirmations.filter(({ name }) => name === is);
  if (!Number.isNaN(age) && !confirmations.some((of) => hasAge(asked, of, age))) return `the Age of ${is} is ${age} s`;
  const former = played.asked.find((other) => isNewer(other, version) && isSameAgain(other, asked, confirmations, played));
  if (former !== undefined) return `it is given ${is}, and request ${former.index} was given a newer version before`;
  const rules = rulesOf(resource.kind, version);
  const may = confirmations.some((confirmation) => mayAnswer(asked, confirmation, rules, played));
  return may ? undefined : whyNot(asked, is, confirmations, rules, played);
}

const versionOf = (is: string): number => Number(is.split('.')[3]);

const isNewer = ({ given }: Asked, version: number): boolean => given?.kind === 'answer' && versionOf(given.is) > version;

/**
 * What a request was given is stored where it may be, and ends what is older: that does not come back later. Where
 * answers are made when they are released, the one to an earlier request may be newer, which nobody could tell.
 */
function isSameAgain(former: Asked, asked: Asked, older: readonly Confirmation[], played: Played): boolean {
  const { schedule } = played;
  const [one, other] = [former.step, asked.step];
  const isSame = one.resource === other.resource && one.user === other.user && one.variant === other.variant;
  const isStored = one.mode !== 'no-store' && one.directive !== 'no-store' && one.type !== 'stream';
  const areSeen = other.method === 'GET' && (one.user === '' || one.named === other.named);
  const isTold = isUndisturbed(schedule) && schedule.made === 'when asked' && former.on === asked.on;
  if (!isTold || former.settledAt >= asked.at || !isSame || !isStored || !areSeen) return false;
  return (one.method === 'GET' || hasShown(former, older, played)) && !isEndedUnheard(former, played);
}

/**
 * Whether an answer of the origin to a HEAD has shown that an older one is out of date, which was stored by then. What
 * another process has stored while the HEAD was under way it does not look for.
 */
function hasShown({ given, settledAt, step, at }: Asked, older: readonly Confirmation[], played: Played): boolean {
  const { confirmations, schedule } = played;
  if (given?.kind !== 'answer' || given.isCached || schedule.second !== 'none') return false;
  const shown = confirmations.find(({ method, name, sentAt, receivedAt = Infinity }) =>
    method === 'HEAD' && step.method === 'HEAD' && name === given.is && sentAt > at && receivedAt < settledAt);
  return shown !== undefined && older.every(({ receivedAt = Infinity }) => receivedAt < (shown.receivedAt ?? 0));
}

/**
 * What is neither stored nor says no-store ends what its process knows of, as to look for what others have stored
 * meanwhile would cost a call of the storage for each such answer.
 */
function isEndedUnheard({ given, step }: Asked, { schedule }: Played): boolean {
  const resource = schedule.resources[step.resource];
  if (schedule.second === 'none' || resource === undefined || given?.kind !== 'answer') return false;
  const { lifetime, noStore } = rulesOf(resource.kind, versionOf(given.is));
  return lifetime === 0 && !noStore && resource.validator === 'none';
}

/** By RFC 9111 section 4.2.3, and rounded. */
function hasAge({ wallMs, settledAt }: Asked, { receivedAt, receivedMs = 0, sentMs }: Confirmation, age: number): boolean {
  if (receivedAt === undefined || receivedAt > settledAt) return false;
  const delayMs = Math.max(0, receivedMs - sentMs);
  return wallMs.some((ms) => Math.abs(age - (Math.max(0, ms - receivedMs) + delayMs) / 1000) <= 1);
}

/** For people: the bound that it breaks, or its age. */
function whyNot(
  asked: Asked,
  is: string,
  confirmations: readonly Confirmation[],
  rules: ResourceRules,
  played: Played,
): string {
  const received = confirmations.filter(({ receivedAt = Infinity }) => receivedAt < asked.settledAt);
  const bound = played.bounds.find((each) => binds(each, asked, played) && received.every((of) => of.madeAt < each.madeBefore));
  if (bound !== undefined) return `it is given ${is}, which was made before ${bound.why} (on ${bound.on})`;
  const ages = received.map((of) => asked.wallMs.map((ms) => (ms - (of.receivedMs ?? NaN)) / 1000).join('/'));
  return `it is given ${is}, ${ages.join(' or ')} s old, and may be given ${allowedAge(asked, rules, played)} s`;
}

const concerns = (bound: Bound, resource: number): boolean =>
  bound.resource === 'all' ||
  bound.resource === resource ||
  (typeof bound.resource === 'object' && bound.resource.tag === tagOf(resource));

/** Another instance is bound where the storage has told it, and can. */
const binds = (bound: Bound, asked: Asked, played: Played): boolean =>
  bound.at < asked.at &&
  concerns(bound, asked.step.resource) &&
  (bound.on === asked.on || (bound.isEverywhere && !isCutOff(asked, played)));

/** Whether a request may have had to do without the storage, as a call of it has failed or taken too long. */
const isCutOff = ({ askedMs, settledAt, tookMs, step }: Asked, { storageCalls }: Played): boolean =>
  (step.timeout > 0 && tookMs > 0) ||
  storageCalls.some((call) => {
    const untilMs = Math.min(call.untilMs ?? Infinity, askedMs + tookMs);
    return call.at < settledAt && (call.hasFailed || untilMs - call.sinceMs >= STORAGE_TIMEOUT_MS);
  });

/** Whether what an answer of the origin has confirmed may be given to this request. */
function mayAnswer(asked: Asked, of: Confirmation, rules: ResourceRules, played: Played): boolean {
  if (of.receivedAt === undefined || of.receivedAt > asked.settledAt) return false;
  if (played.bounds.some((bound) => binds(bound, asked, played) && of.madeAt < bound.madeBefore)) return false;
  // Nothing is newer than what was asked for after the request.
  if (of.madeAt > asked.at) return true;
  if (asked.isClosed) return false;
  const allowed = allowedAge(asked, rules, played);
  return asked.wallMs.some((ms) => {
    const residentMs = ms - (of.receivedMs ?? 0);
    if (residentMs < -CLOCK_STEP_MS) return allowed === Infinity;
    // What the origin's word is about counts from when it was asked; other lifetimes from the receipt.
    const delayMs = rules.lifetime === undefined ? 0 : Math.max(0, (of.receivedMs ?? 0) - of.sentMs);
    return (Math.max(0, residentMs) + delayMs) / 1000 <= allowed;
  });
}

/** So many seconds old what is stored may be for this request; -1 where nothing that is stored may answer it. */
function allowedAge(asked: Asked, rules: ResourceRules, played: Played): number {
  const { mode, directive } = asked.step;
  if (rules.noStore || mode === 'reload' || mode === 'no-store' || directive === 'no-store') return -1;
  const lifetime = lifetimeFor(asked, rules, played);
  const bridged = bridgedFor(asked, rules, played);
  if (mode === 'no-cache') return bridged > 0 ? lifetime + bridged : -1;
  if (mode === 'force-cache' || mode === 'only-if-cached') return Infinity;
  if (rules.validatesAlways || directive === 'no-cache') return -1;
  const { most, reserve, stale } = LIMITS[directive];
  const window = rules.forbidsStale ? 0 : Math.max(stale, bridged, limitsAge(directive) ? 0 : rules.staleWhileRevalidate);
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
  const given = asked.filter((other) => other.step.resource === step.resource && other.at < at);
  return Math.max(SESSION_LIFETIME, ...given.map((other) => other.step.lifetime));
}

/** How long past its end an answer may stand in, where the origin has failed meanwhile. */
function bridgedFor(asked: Asked, rules: ResourceRules, played: Played): number {
  const { directive } = asked.step;
  if (rules.forbidsStale || !sawFailure(asked, played)) return 0;
  if (directive === 'stale-if-error=20') return 20;
  const isLimited = limitsAge(directive) || directive === 'min-fresh=4' || directive === 'no-cache';
  return isLimited ? 0 : rules.staleIfError;
}
