/** Parameters whose values are shown nowhere. */
import { secretParams } from '../../lib/options/secrets.js';

const ALL = [
  'access_token', 'api-key', 'api_key', 'apikey', 'auth', 'auth_token', 'authorization', 'client_secret', 'hmac',
  'id_token', 'jwt', 'passwd', 'password', 'pwd', 'refresh_token', 'secret', 'session_id', 'session_token',
  'sessionid', 'subscription-key', 'token', 'sig', 'sign', 'signature', 'key-pair-id', 'policy', 'awsaccesskeyid',
  'googleaccessid', 'ossaccesskeyid', 'x-amz-credential', 'x-amz-security-token', 'x-amz-signature',
  'x-goog-credential', 'x-goog-security-token', 'x-goog-signature', 'x-oss-credential', 'x-oss-security-token',
  'x-oss-signature', 'x-obs-credential', 'x-obs-security-token', 'x-obs-signature', 'x-tos-credential',
  'x-tos-security-token', 'x-tos-signature', 'x-cos-credential', 'x-cos-security-token', 'x-cos-signature',
];

test('are those of public APIs and of signed URLs', () => {
  expect([...secretParams([])].sort()).toEqual([...ALL].sort());
});

test('and those that the user adds, whatever their case', () => {
  expect([...secretParams(['Mine', 'token'])].sort()).toEqual([...ALL, 'mine'].sort());
});
