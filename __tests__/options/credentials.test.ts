/** Which header fields say who asks: told by their names. */
import { credentialTest } from '../../lib/options/credentials.js';

const isCredential = credentialTest([]);

test.each([
  'Authorization', 'Cookie', 'PRIVATE-TOKEN', 'JOB-TOKEN', 'apikey', 'api-key', 'X-Api-Key', 'X-RapidAPI-Key',
  'X-Auth-Token', 'X-Auth-Key', 'X-Auth-Email', 'X-Vault-Token', 'X-Vault-Namespace', 'X-Consul-Token',
  'X-Shopify-Access-Token', 'Ocp-Apim-Subscription-Key', 'x-functions-key', 'X-MBX-APIKEY', 'CB-ACCESS-SIGN',
  'CB-ACCESS-PASSPHRASE', 'API-Sign', 'X-BAPI-SIGN', 'X-Amz-Security-Token', 'X-Goog-Api-Key',
  'X-Parse-Session-Token', 'X-Parse-Application-Id', 'X-TrackerToken', 'X-Figma-Token', 'X-Redmine-Switch-User',
  'X-Riot-Token', 'X-CMC_PRO_API_KEY', 'X-ELS-APIKey', 'x-goog-user-project', 'X-Appwrite-JWT',
  'X-Appwrite-Session', 'X-Hasura-Admin-Secret', 'X-Hasura-Role', 'DD-APPLICATION-KEY', 'X-Honeycomb-Team',
  'X-Postmark-Server-Token', 'X-Plex-Client-Identifier', 'X-Tableau-Auth', 'Client-ID', 'Stripe-Account',
  'PLAID-CLIENT-ID', 'PLAID-SECRET', 'From', 'X-CSRF-Token', 'X-XSRF-TOKEN', 'X-WP-Nonce', 'X-ApiKeys',
  'X-Scope-OrgID', 'X-Grafana-Org-Id', 'X-WEBAUTH-USER', 'Remote-User', 'X-Forwarded-User', 'X-Forwarded-Email',
  'X-MS-CLIENT-PRINCIPAL', 'Cf-Access-Client-Secret', 'Cf-Access-Jwt-Assertion', 'X-Hub-Signature-256',
  'Dropbox-API-Select-Admin', 'Sudo', 'Impersonate-Group', 'DPoP', 'OpenAI-Organization', 'OpenAI-Project',
  'X-Tenant-ID', 'X-Company-Id', 'X-Customer-Id', 'X-Merchant-Id', 'X-Workspace-Id', 'X-Project-Id', 'X-Device-Id',
  'X-Session-Id', 'X-Login', 'X-Password', 'SecretKey', 'Fiware-Service', 'X-On-Behalf-Of', 'X-Client-Cert',
  'X-Member-Id', 'X-UID', 'User-Id', 'X-Account', 'X-OTP', 'X-Pass', 'X-Pwd', 'X-PHPSESSID', 'X-CAS-Ticket',
  'X-ARR-ClientCert', 'X-Consumer-ID', 'X-Patient-Id', 'X-Student', 'X-Wallet-Address', 'X-Actor', 'X-Subject',
  'X-Claims', 'X-License', 'X-Store-Id', 'X-ShopId', 'X-Site-Id', 'X-Vendor-Id', 'X-Installation-Id',
])('%s is one', (name) => {
  expect(isCredential(name.toLowerCase())).toBe(true);
});

test.each([
  'Accept', 'Accept-Language', 'Accept-Encoding', 'Cache-Control', 'Content-Type', 'Content-Length', 'Connection',
  'Date', 'DNT', 'Expect', 'Forwarded', 'Host', 'If-None-Match', 'If-Match', 'Keep-Alive', 'Last-Event-ID',
  'Max-Forwards', 'Origin', 'Pragma', 'Prefer', 'Priority', 'Range', 'Referer', 'Save-Data', 'Sec-CH-UA',
  'Sec-Fetch-User', 'Sec-WebSocket-Key', 'Service-Worker', 'TE', 'Upgrade-Insecure-Requests', 'User-Agent',
  'X-User-Agent', 'x-amz-user-agent', 'Via', 'Want-Digest', 'X-Requested-With', 'X-Forwarded-For',
  'X-Forwarded-Host', 'X-HTTP-Method-Override', 'Idempotency-Key', 'X-Idempotency-Key', 'traceparent', 'tracestate',
  'baggage', 'X-B3-TraceId', 'X-B3-Sampled', 'sentry-trace', 'X-Cloud-Trace-Context', 'X-Amzn-Trace-Id',
  'X-Request-Id', 'X-Correlation-Id', 'X-Datadog-Parent-Id', 'uber-trace-id', 'newrelic', 'Notion-Version',
  'Stripe-Version', 'X-GitHub-Api-Version', 'anthropic-version', 'OpenAI-Beta', 'X-Goog-Api-Client',
  'X-Client-Version', 'apollographql-client-name', 'X-Inertia', 'HX-Request', 'Turbo-Frame', 'RSC',
  'X-Stainless-OS', 'X-Subtype', 'X-Pattern', 'X-Bypass', 'X-Passthrough', 'X-Website', 'X-Restore', 'X-Currency',
])('%s is none', (name) => {
  expect(isCredential(name.toLowerCase())).toBe(false);
});

// Words that speak of a user wherever they stand, at the beginning of a word, and as whole words.
test.each([
  'xauthx', 'xtokenx', 'xkeyx', 'xsecretx', 'xsessionx', 'xcredentialx', 'xpassphrasex', 'xpasscodex', 'xpassportx',
  'xbearerx', 'xoidcx', 'xsamlx', 'xnoncex', 'xhmacx', 'xcertificatex', 'xclientcertx', 'xassertionx', 'xuserx',
  'xorganisationx', 'xorganizationx', 'xidentityx', 'ximpersonatx', 'xbehalfx', 'xdelegatx', 'xsubscrix', 'xvisitorx',
  'xviewerx', 'xplayerx', 'xemployeex', 'xnamespacex', 'xanonymousx', 'x-orgx', 'x-rolex', 'x-groupx', 'x-ownerx',
  'x-personx', 'x-partnerx', 'x-profilex', 'x-guestx', 'x-actasx', 'x-run-asx', 'x-licencex', 'x-licensex',
  'x-application-id', 'x-app-id', 'x-service-id', 'x-seller-id', 'sig', 'x-pin', 'x-mfa', 'x-sid', 'x-cart', 'x-sub',
  'x-pat', 'from',
])('%s is one by a word in it', (name) => {
  expect(isCredential(name)).toBe(true);
});

test.each([
  'xrolex', 'xorgx', 'pinx', 'xpin', 'signx', 'xfrom', 'fromx', 'useragent', 'requestid', 'x-requestid-token',
  'trace-token', 'x-span-token', 'correlation-key',
])('%s is none by its words', (name) => {
  expect(isCredential(name)).toBe(false);
});

test.each(['x-sec-token', 'retrace-token'])('%s only looks like what is harmless', (name) => {
  expect(isCredential(name)).toBe(true);
});

test('names that the user adds are some, harmless or not', () => {
  const withAdded = credentialTest(['x-mine', 'idempotency-key']);
  expect(['x-mine', 'idempotency-key', 'x-other', 'cookie'].map(withAdded)).toEqual([true, true, false, true]);
});
