/** Which request header fields say who asks: told by their names, since no list knows those of every API. */
import { remembered } from '../support/memo.js';

/** Each word speaks of a credential or of a user wherever it stands in a name. */
const ANYWHERE =
  'auth|token|key|secret|session|credential|passw|passphrase|passcode|signature|cookie|jwt|bearer|oidc|saml|dpop|nonce' +
  '|csrf|xsrf|hmac|certificate|assertion|user|account|tenant|customer|organi[sz]ation|workspace|login|email|identity' +
  '|principal|impersonat|behalf|delegat|subscri|merchant|member|visitor|viewer|player|employee|namespace|anonymous';
/** These begin a word: within other words they mean something else. */
const BEGINNING =
  'org|cert|sudo|role|team|group|owner|person|partner|company|project|profile|admin|guest|act-?as|run-?as' +
  '|(?:client|device|app|application|service)-?id|fiware-service';
/** These are whole words. */
const WHOLE = 'sign?|pin|otp|mfa|uid|sid|cart';

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
