import { expect, test } from 'vitest';
import { is_secret_name, kDots, secret_parts, without_secrets } from '../src/lib/secrets';

const kToken = `IQoJb3JpZ2luX2Vj${'A1b+/'.repeat(20)}==`;

test('names of secrets are known in every spelling, names of keys and pages are not', () => {
  for (const name of ['sessionToken', 'SessionToken', 'X-Amz-Security-Token', 'secretAccessKey', 'master_user_password', 'masterUserPassword', 'newPassword', 'SecretString', 'clientSecret', 'privateKey', 'Authorization', 'Set-Cookie', 'plaintext', 'SigninToken', 'x-api-key'])
    expect(is_secret_name(name), name).toBe(true);
  for (const name of ['accessKeyId', 'nextToken', 'clientToken', 'clientRequestToken', 'passwordLastUsed', 'secretId', 'tokenCode', 'keyId', 'serialNumber', 'passwordResetRequired'])
    expect(is_secret_name(name), name).toBe(false);
});

test('secrets inside a text are told apart from what stands around them', () => {
  const raw = `{"credentials":{"accessKeyId":"ASIAEXAMPLE","sessionToken":"${kToken}","expiration":"Jul 10"}}`;
  expect(secret_parts(raw).filter((part) => part.secret).map((part) => part.text)).toEqual([kToken]);
  expect(without_secrets(raw)).toBe(`{"credentials":{"accessKeyId":"ASIAEXAMPLE","sessionToken":"${kDots}","expiration":"Jul 10"}}`);
  expect(secret_parts(raw).map((part) => part.text).join('')).toBe(raw);
  expect(without_secrets('GET /x?X-Amz-Credential=AKIA&X-Amz-Signature=0a1b2c&x=1')).toBe(`GET /x?X-Amz-Credential=AKIA&X-Amz-Signature=${kDots}&x=1`);
  expect(without_secrets('{"h":"Bearer abcdefghijklmnop"}')).toBe(`{"h":"Bearer ${kDots}"}`);
  expect(without_secrets(`token ${kToken} used`)).toBe(`token ${kDots} used`);
});

test('what AWS hid already and ordinary text stay as they are', () => {
  for (const text of ['{"masterUserPassword":"****"}', '{"secretString":"HIDDEN_DUE_TO_SECURITY_REASONS"}', '{"sessionToken":""}', 'GetSessionToken', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:db', 'cookie=1'])
    expect(without_secrets(text)).toBe(text);
});

test('long hostile text comes to an end, and nothing of it is lost', () => {
  for (const text of [`{"sessionToken":"${'\\\\'.repeat(200_000)}`, `${'"a"'.repeat(100_000)}: token`, `?sig=${'x'.repeat(500_000)} ${'eyJ.'.repeat(50_000)} ${'-----BEGIN PRIVATE KEY'.repeat(20_000)}`])
    expect(secret_parts(text).map((part) => part.text).join('').length).toBe(text.length);
});
