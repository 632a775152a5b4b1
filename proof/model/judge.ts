/**
 * The model: what RFC 9111 and the documentation allow an answer to be. It knows nothing of how the cache works, and
 * judges only by who asked what, what the origin has made when, and what was invalidated.
 */
import { AxiosError, isCancel } from 'axios';
import { type Confirmation, GONE, REFUSED } from '../world/origin.js';
import { bodyOf, hasTwin, type Identity, nameOf, partIn, partOf, rangeText, type Resource, type ResourceRules, rulesOf } from '../world/resources.js';
import { allowedAge, binds, isOf, isOutOfTime, mayAnswer } from './allowance.js';
import { isNewer, isSameAgain, resourceOf, versionOf } from './order.js';
import type { Asked, Given, Played } from './played.js';
import { allowanceOf, asHeeded } from './settings.js';
import { leadsTo } from './ways.js';

/** A request may take half of its time for what the cache looks up, and the server has all of it. */
const TIMEOUT_FACTOR = 2;
const TIMEOUT_GRACE_MS = 100;

/** Says what is wrong with a schedule as it was played; nothing where all is as it may be. */
export function judge(given: Played): string[] {
  const played = asHeeded(given);
  const wrong = played.asked.flatMap((asked) => {
    const fault = faultOf(asked, played);
    return fault === undefined ? [] : [`request ${asked.index} (${described(asked)}): ${fault}`];
  });
  return [...played.complaints, ...wrong];
}

const described = ({ step }: Asked): string =>
  `${step.method} ${step.via < 0 ? step.resource : `by /m${step.via}`} of ${step.user || 'nobody'} on ${step.on}`;

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
  // Others may be told so by the answer to one of them, whenever that was sent.
  if (error.response?.status === GONE && played.gone.some((note) => isOf(note, asked))) return undefined;
  return mayFail(asked, played) ? undefined : `it fails by ${String(error.code)}: ${error.message}, and nothing has failed`;
}

const isOffline = ({ step }: Asked): boolean => step.mode === 'only-if-cached' || step.directive === 'only-if-cached';

/** A failure is its caller's own: whoever has joined a request that was sent before asks once more. */
const mayFail = (asked: Asked, { failures }: Played): boolean =>
  isOutOfTime(asked) || failures.some((failure) => isOf(failure, asked) && failure.sentAt > asked.at);

type Answer = Extract<Given, { readonly kind: 'answer' }>;

function faultOfAnswer(asked: Asked, given: Answer, played: Played): string | undefined {
  const { via } = asked.step;
  const resource = via < 0 || given.status === REFUSED ? asked.step.resource : resourceOf(given.is);
  // From here on it is as if the resource had been asked for by its own URL.
  // Of a shared cache anybody may be given what nobody in particular has asked for.
  const isForAll = allowanceOf(played.schedule).isShared && given.is.split('.')[1] === 'nobody';
  const direct = { ...asked, step: { ...asked.step, resource, ...(isForAll ? { user: '' as const } : {}) } };
  const fault = faultOfDirect(direct, given, played);
  if (fault !== undefined || leadsTo(asked, resource, played)) return fault;
  return `it is given ${given.is}, to which /m${via} may not lead`;
}

function faultOfDirect(asked: Asked, given: Answer, played: Played): string | undefined {
  const { status, is, age } = given;
  const { step } = asked;
  const resource = played.schedule.resources[step.resource];
  if (resource === undefined) return 'there is no such resource';
  // Where the request without conditions fails, the refusal of those with conditions is all that there is.
  if (status === REFUSED && resource.conditions === 'refuses' && played.failures.length > 0) return undefined;
  if (status !== 200 && status !== 206) return `it is answered ${status}`;
  const version = versionOf(is);
  const variant = resource.varies ? step.variant : '';
  const wanted: Identity = { resource: step.resource, user: step.user, variant, version, hasTwin: hasTwin(resource) };
  if (is !== nameOf(wanted)) return `it is given ${is}, which is not ${nameOf({ ...wanted, version: NaN })}`;
  const fault = faultOfBody(asked, given, wanted, resource);
  if (fault !== undefined) return fault;
  const confirmations = played.confirmations.filter((of) => of.name === is && confirms(of, given, resource));
  if (!Number.isNaN(age) && !confirmations.some((of) => hasAge(asked, of, age))) return `the Age of ${is} is ${age} s`;
  const former = played.asked.find((other) => isNewer(other, version) && isSameAgain(other, asked, confirmations, played));
  if (former !== undefined) return `it is given ${is}, and request ${former.index} was given a newer version before`;
  const rules = rulesOf(resource.kind, version);
  const may = confirmations.some((confirmation) => mayAnswer(asked, confirmation, rules, played));
  return may ? undefined : whyNot(asked, is, confirmations, rules, played);
}

/** The body is the whole of one version, or the part of it that was asked for. */
function faultOfBody({ step }: Asked, { status, is, body, range, isCached }: Answer, of: Identity, resource: Resource): string | undefined {
  const whole = bodyOf(of);
  // A cache may cut a part out of what it has, whatever the origin does.
  const isPossible = status === 206 && (isCached || resource.ranges) && step.method === 'GET';
  const part = isPossible ? partOf(step.range, whole.length) : undefined;
  if (status === 206 && part === undefined) return 'it is answered 206';
  const named = part === undefined ? undefined : rangeText(part, whole.length);
  if (range !== named) return `it is given ${range ?? 'no range'} of ${is} for ${step.range || 'the whole'}`;
  const expected = part === undefined ? whole : whole.slice(part.first, part.last + 1);
  return body === undefined || body === expected ? undefined : `the head of ${is} has another body: ${body}`;
}

/** A part says nothing of other bytes where nothing shows that they are of the same version. */
function confirms({ part }: Confirmation, { range }: Answer, { validator }: Resource): boolean {
  if (part === undefined || validator !== 'none') return true;
  const given = partIn(range);
  return given !== undefined && given.first >= part.first && given.last <= part.last;
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

