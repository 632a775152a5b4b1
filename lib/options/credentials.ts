/** Which request header fields say who asks: told by their names, since no list knows those of every API. */
import { remembered } from '../support/memo.js';

/** Each word speaks of a credential or of a user wherever it stands in a name. */
const ANYWHERE =
  'auth|token|key|secret|session|sessid|credential|passw|passphrase|passcode|passport|pwd|ticket|signature|cookie|jwt' +
  '|bearer|oidc|saml|dpop|nonce|csrf|xsrf|hmac|certificate|client-?cert|assertion|user|account|tenant|customer' +
  '|consumer|organi[sz]ation|workspace|login|email|identity|principal|impersonat|behalf|delegat|subscri|merchant' +
  '|member|visitor|viewer|player|employee|patient|student|wallet|namespace|anonymous';
/** These begin a word: within other words they mean something else. */
const BEGINNING =
  'org|cert|sudo|role|team|group|owner|person|partner|company|project|profile|admin|guest|act-?as|run-?as|actor' +
  '|subject|claims|licen[cs]e|fiware-service' +
  '|(?:client|device|app|application|service|installation|store|shop|site|seller|vendor)-?id';
/** These are whole words. */
const WHOLE = 'sign?|pin|otp|mfa|uid|sid|cart|pass|sub|pat';

const OF_USER = new RegExp(`${ANYWHERE}|(?:^|[^a-z])(?:${BEGINNING}|(?:${WHOLE})(?![a-z]))|^from$`);
/** These have such a word too, but speak of the program that asks, or of one request. */
const HARMLESS = /user-?agent|idempotency|^sec-|(?:^|-)(?:trace|span|correlation)|request-?id/;

/** Bounds the length of all remembered names together, in characters. */
const NAMES_REMEMBERED = 20_000;

/** Makes the test of lower-case names. It remembers them, since the same few come with each request. */
export function credentialTest(added: readonly string[]): (name: string) => boolean {
  const names = new Set(added);
  return remembered((name) => names.has(name) || (OF_USER.test(name) && !HARMLESS.test(name)), NAMES_REMEMBERED);
}
