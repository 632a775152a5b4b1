/**
 * An origin in the process: an adapter whose requests wait until a schedule lets them go on. It knows who asked, and
 * notes when each answer was made and received.
 */
import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import axios, { AxiosError, type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { VirtualTime } from '../time/virtual-time.js';
import { bodyOf, hasTwin, type Identity, nameOf, type Part, partOf, rangeText, type Resource, rulesOf, type Source } from './resources.js';
import { type Lead, ORIGIN, Redirects, type Tells } from './redirects.js';
import type { Ending, Tasks } from './tasks.js';

/** An answer that confirms a version: a 200 that brings it, a 206 that brings a part of it, or a 304. */
export interface Confirmation {
  readonly name: string;
  readonly resource: number;
  readonly method: string;
  /** What it brings, where that is a part. */
  readonly part: Part | undefined;
  /** When the request was sent, in the order of all that happened. */
  readonly sentAt: number;
  /** When the origin made it. */
  readonly madeAt: number;
  readonly sentMs: number;
  /** Of the wall clock, and in the order of all that happened; `undefined` where nobody received it. */
  receivedMs: number | undefined;
  receivedAt: number | undefined;
}

export interface OriginFailure {
  readonly resource: number;
  /** When the request was sent that has failed, and when it has, in the order of all that happened. */
  readonly sentAt: number;
  readonly at: number;
}

const NO_RESOURCE: Resource = { kind: 'no-store', validator: 'none', varies: false, conditions: 'judges', ranges: false };

/** The status by which an origin refuses a request that has conditions. */
export const REFUSED = 400;

/** Whether there is anything at its URL, and whether the origin can answer for it. */
export type ResourceState = 'there' | 'gone' | 'fails';

const STATUSES = { gone: 404, fails: 503 } as const;
export const GONE = STATUSES.gone;

const UNSAFE: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

export interface OriginSettings {
  readonly resources: readonly Resource[];
  /** When answers are made; a step sends them. */
  readonly made: 'when asked' | 'when released';
  readonly sources?: readonly Source[];
  readonly tells?: Tells;
}

export class ScriptedOrigin {
  readonly confirmations: Confirmation[] = [];
  readonly failures: OriginFailure[] = [];
  readonly versions: number[];
  readonly redirects: Redirects;
  readonly tells: Tells;
  /** When answers were received that say of a resource that it is gone. */
  readonly gone: OriginFailure[] = [];
  readonly #states: ResourceState[] = [];
  /** How many requests had a condition. */
  conditions = 0;
  readonly #changed: number[] = [];
  readonly #resources: readonly Resource[];
  readonly #tasks: Tasks;
  readonly #time: VirtualTime;
  readonly #tick: () => number;

  readonly answersAtOnce: boolean;

  constructor(
    { resources, made, sources = [], tells = 'nothing' }: OriginSettings,
    tasks: Tasks,
    time: VirtualTime,
    tick: () => number,
  ) {
    this.#resources = resources;
    this.answersAtOnce = made === 'when asked';
    this.#tasks = tasks;
    this.#time = time;
    this.#tick = tick;
    this.versions = resources.map(() => 1);
    this.redirects = new Redirects(sources);
    this.tells = tells;
  }

  /** A new version, by a change of the origin's own or of a caller. */
  change(resource: number, to: ResourceState = 'there'): void {
    this.#states[resource] = to;
    this.versions[resource] = (this.versions[resource] ?? 0) + 1;
    this.#changed[resource] = this.#tick();
  }

  /** What is gone or fails is there again. */
  restore(): void {
    for (const [resource, state = 'there'] of this.#states.entries()) if (state !== 'there') this.change(resource);
  }

  /** When a resource was last changed, in the order of all that happened. */
  changedAt(resource: number): number {
    return this.#changed[resource] ?? 0;
  }

  readonly adapter: AxiosAdapter = (config) => new Promise((resolve, reject) => {
    const request = new OriginRequest(this, config, resolve, reject);
    if (!request.isOver) this.#tasks.add(request);
  });

  /** What the origin says now to one request. */
  answer(config: InternalAxiosRequestConfig, sent: { at: number; ms: number }): Made {
    const resource = resourceIn(config);
    const method = (config.method ?? 'get').toUpperCase();
    if (UNSAFE.has(method)) this.change(resource);
    if (hasConditions(config)) this.conditions += 1;
    const given = this.#resources[resource] ?? NO_RESOURCE;
    const identity = this.identityOf(config, given, resource);
    const name = nameOf(identity);
    const headers = headersOf(identity, given);
    // By RFC 9111 section 4.3.5 a HEAD that is answered with neither validator nor length speaks of whatever is stored.
    const whole = bodyOf(identity);
    const isConfirmed = isCurrent(config, headers);
    const isOdd = !UNSAFE.has(method) && isConditional(config) && given.conditions;
    const isRefused = !UNSAFE.has(method) && given.conditions === 'refuses' && hasConditions(config);
    const isUnchanged = !UNSAFE.has(method) && !isRefused && (isConfirmed || isOdd === 'confuses');
    const isBare = isUnchanged || isRefused || method === 'HEAD';
    const part = isBare || method !== 'GET' ? undefined : askedPart(config, given, headers, whole.length);
    const body = isBare ? '' : part === undefined ? whole : whole.slice(part.first, part.last + 1);
    const confirmation: Confirmation = {
      name, resource, method, part,
      sentAt: sent.at, madeAt: this.#tick(), sentMs: sent.ms,
      receivedMs: undefined, receivedAt: undefined,
    };
    if (isRefused) return { status: REFUSED, headers: {}, body, confirmation };
    const state = this.#states[resource] ?? 'there';
    if (state !== 'there') return { status: STATUSES[state], headers, body: state, confirmation };
    if (!UNSAFE.has(method) && isConfirmed === isUnchanged) this.confirmations.push(confirmation);
    if (isUnchanged) return { status: 304, headers, body, confirmation };
    if (part === undefined) {
      return { status: 200, headers: { ...headers, 'content-length': String(whole.length) }, body, confirmation };
    }
    const ofPart = { 'content-range': rangeText(part, whole.length), 'content-length': String(body.length) };
    return { status: 206, headers: { ...headers, ...ofPart }, body, confirmation };
  }

  identityOf(config: InternalAxiosRequestConfig, given: Resource, resource: number): Identity {
    const user = /^Bearer (\w+)/.exec(String(config.headers.get('Authorization') ?? ''))?.[1] ?? '';
    const variant = given.varies ? String(config.headers.get('X-Variant') ?? 'none') : '';
    return { resource, user, variant, version: this.versions[resource] ?? 0, hasTwin: hasTwin(given) };
  }

  /** Where a request is sent to instead; `undefined` where it is answered. */
  lead(config: InternalAxiosRequestConfig, sent: { at: number; ms: number }): Lead | undefined {
    return this.redirects.lead(config, sent, this.#tick());
  }

  sent(): { at: number; ms: number } {
    return { at: this.#tick(), ms: this.#time.now() };
  }

  received(confirmation: Confirmation | Lead): void {
    confirmation.receivedAt = this.#tick();
    confirmation.receivedMs = this.#time.now();
  }

  failed(resource: number, sentAt: number): void {
    this.failures.push({ resource, sentAt, at: this.#tick() });
  }

  /** It notes an answer that is none of the resource itself. */
  noted({ status, confirmation: { resource } }: Made, sentAt: number): void {
    if (status === STATUSES.fails) this.failed(resource, sentAt);
    if (status === STATUSES.gone) this.gone.push({ resource, sentAt, at: this.#tick() });
  }
}

export interface Made {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly confirmation: Confirmation;
}

export const resourceIn = ({ url = '' }: InternalAxiosRequestConfig): number => Number(/\/r(\d)/.exec(url)?.[1]);

class OriginRequest {
  readonly what: string;
  isOver = false;
  readonly #origin: ScriptedOrigin;
  readonly #config: InternalAxiosRequestConfig;
  /** What is sent at present: the request itself, or one that a redirect has led to. */
  #at: InternalAxiosRequestConfig;
  readonly #sent: { at: number; ms: number };
  /** When what is sent at present was sent. */
  #atSent: { at: number; ms: number };
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #resolve: (response: AxiosResponse) => void;
  readonly #reject: (error: unknown) => void;
  #made: Made | undefined;
  #lead: Lead | undefined;

  constructor(
    origin: ScriptedOrigin,
    config: InternalAxiosRequestConfig,
    resolve: (response: AxiosResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#origin = origin;
    this.#config = config;
    this.#at = config;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#sent = origin.sent();
    this.#atSent = this.#sent;
    this.what = `${(config.method ?? 'get').toUpperCase()} ${config.url}`;
    const { timeout, signal } = config;
    if (timeout !== undefined && timeout > 0) {
      this.#timer = setTimeout(() => {
        this.#fail(new AxiosError(`timeout of ${timeout}ms exceeded`, AxiosError.ECONNABORTED, config));
      }, timeout);
    }
    if (signal?.aborted === true) this.#cancel();
    else signal?.addEventListener?.('abort', this.#cancel);
    if (origin.answersAtOnce && !this.isOver) this.#make();
  }

  /** The origin makes a redirect, or an answer. */
  #make(): void {
    if (this.#lead !== undefined || this.#made !== undefined) return;
    this.#lead = this.#origin.lead(this.#at, this.#atSent);
    if (this.#lead === undefined) this.#made = this.#origin.answer(this.#at, this.#atSent);
  }

  readonly #cancel = (): void => this.#fail(new axios.CanceledError(undefined, this.#config));

  /** The origin may go on with a request that its caller has left, and change what that asked for. */
  advance(ending: Ending): boolean {
    if (ending === 'fails') {
      if (this.#made === undefined) this.#loseAll();
      else this.#deliver(true);
      return true;
    }
    this.#make();
    if (ending === 'half') return this.isOver;
    if (this.#lead !== undefined) return this.#follow(this.#lead, ending);
    this.#deliver(ending === 'fails late');
    return true;
  }

  /** It goes on to where it is led, and waits there; one that its caller has left goes no further. */
  #follow(lead: Lead, ending: Ending): boolean {
    if (ending === 'fails late') this.#loseAll();
    if (this.isOver) return true;
    this.#lead = undefined;
    this.#origin.received(lead);
    this.#atSent = this.#origin.sent();
    try {
      this.#at = this.#origin.redirects.follow(this.#at, lead);
    } catch (error) {
      this.#fail(AxiosError.from(error, AxiosError.ERR_FR_TOO_MANY_REDIRECTS, this.#config));
      return true;
    }
    if (this.#origin.answersAtOnce) this.#make();
    return false;
  }

  #loseAll(): void {
    if (!this.isOver) this.#origin.failed(resourceIn(this.#at), this.#sent.at);
    this.#fail(new AxiosError('read ECONNRESET', 'ECONNRESET', this.#config));
  }

  #deliver(isCut: boolean): void {
    const made = this.#made;
    if (this.isOver || made === undefined) return;
    const isStream = this.#config.responseType === 'stream';
    if (isCut && !isStream) return this.#loseAll();
    if (isCut) this.#origin.failed(resourceIn(this.#at), this.#sent.at);
    this.#end();
    this.#origin.received(made.confirmation);
    this.#origin.noted(made, this.#sent.at);
    const response = responseOf(made, this.#config, isCut ? 'cut' : 'whole');
    if (this.#origin.tells === 'redirects') response.request = { res: { responseUrl: `${ORIGIN}${this.#at.url}` } };
    settle(this.#resolve, this.#reject, response);
  }

  #fail(error: unknown): void {
    if (this.isOver) return;
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.isOver = true;
    clearTimeout(this.#timer);
    this.#config.signal?.removeEventListener?.('abort', this.#cancel);
  }
}

/** What an adapter makes of an answer, before it looks at the status. */
export function responseOf(made: Made, config: InternalAxiosRequestConfig, length: 'whole' | 'cut'): AxiosResponse {
  return {
    status: made.status,
    statusText: STATUS_CODES[made.status] ?? '',
    headers: made.headers,
    data: dataOf(made.body, config.responseType, length === 'cut'),
    config,
    request: {},
  };
}

function headersOf(identity: Identity, { kind, validator, varies }: Resource): Record<string, string> {
  const { cacheControl } = rulesOf(kind, identity.version);
  return {
    'content-type': 'application/json',
    'x-is': nameOf(identity),
    ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
    ...(varies ? { vary: 'X-Variant' } : {}),
    ...(validator === 'etag' ? { etag: `"${nameOf(identity)}"` } : {}),
    ...(validator === 'last-modified' ? { 'last-modified': modifiedAt(identity.version) } : {}),
  };
}

/** A date tells versions apart, but not users: these are never compared. */
const modifiedAt = (version: number): string => new Date(Date.UTC(2029, 0, 1) + version * 1000).toUTCString();

const isConditional = ({ headers }: InternalAxiosRequestConfig): boolean =>
  headers.has('If-None-Match') || headers.has('If-Modified-Since');

const hasConditions = (config: InternalAxiosRequestConfig): boolean =>
  isConditional(config) || config.headers.has('If-Range');

/** What a request is given of a body: all of it where the part that the caller has is of another version. */
function askedPart(
  { headers }: InternalAxiosRequestConfig,
  { ranges, conditions }: Resource,
  fields: Readonly<Record<string, string>>,
  length: number,
): Part | undefined {
  if (!ranges || !headers.has('Range')) return undefined;
  const condition = headers.get('If-Range') ?? undefined;
  const isSame = condition === undefined || condition === fields['etag'] || condition === fields['last-modified'];
  return isSame || conditions === 'confuses' ? partOf(String(headers.get('Range')), length) : undefined;
}

function isCurrent({ headers }: InternalAxiosRequestConfig, fields: Readonly<Record<string, string>>): boolean {
  const etags = headers.get('If-None-Match');
  if (typeof etags === 'string') return fields['etag'] !== undefined && etags.includes(fields['etag']);
  const since = headers.get('If-Modified-Since');
  return typeof since === 'string' && since === fields['last-modified'];
}

function dataOf(body: string, type: string | undefined, isCut: boolean): unknown {
  if (type === 'arraybuffer') return Buffer.from(body);
  if (type !== 'stream') return body;
  const bytes = Buffer.from(body);
  return Readable.from(partsOf(bytes, isCut), { objectMode: false });
}

function* partsOf(bytes: Buffer, isCut: boolean): Generator<Buffer> {
  const half = bytes.byteLength >> 1;
  if (half > 0) yield bytes.subarray(0, half);
  if (isCut) throw new AxiosError('aborted', AxiosError.ERR_BAD_RESPONSE);
  if (half > 0) yield bytes.subarray(half);
}

/** As each adapter does it. */
export function settle(
  resolve: (response: AxiosResponse) => void,
  reject: (error: unknown) => void,
  response: AxiosResponse,
): void {
  const { config, status } = response;
  if (!config.validateStatus || config.validateStatus(status)) return resolve(response);
  const code = status >= 500 ? AxiosError.ERR_BAD_RESPONSE : AxiosError.ERR_BAD_REQUEST;
  reject(new AxiosError(`Request failed with status code ${status}`, code, config, {}, response));
}
