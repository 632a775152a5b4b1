/** Names of parameters that carry a secret in public APIs, in lower case: their values are never shown. */
const SECRET_PARAMS: readonly string[] = [
  'access_token', 'api-key', 'api_key', 'apikey', 'auth', 'auth_token', 'authorization', 'client_secret', 'hmac',
  'id_token', 'jwt', 'passwd', 'password', 'pwd', 'refresh_token', 'secret', 'session_id', 'session_token', 'sessionid',
  'subscription-key', 'token',
  // Signed URLs, of any service and of the large ones: CloudFront, S3, Google Cloud, Azure and those like S3.
  'sig', 'sign', 'signature', 'key-pair-id', 'policy', 'awsaccesskeyid', 'googleaccessid', 'ossaccesskeyid',
  ...['amz', 'goog', 'oss', 'obs', 'tos', 'cos'].flatMap((service) =>
    ['credential', 'security-token', 'signature'].map((name) => `x-${service}-${name}`),
  ),
];

const SECRETS: ReadonlySet<string> = new Set(SECRET_PARAMS);

/** Gives the names with others that the user adds, in lower case too. */
export const secretParams = (added: readonly string[]): ReadonlySet<string> =>
  added.length === 0 ? SECRETS : new Set([...SECRET_PARAMS, ...added.map((name) => name.toLowerCase())]);
