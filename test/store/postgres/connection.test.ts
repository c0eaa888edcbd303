import { expect, test } from '@jest/globals';
import { placeOf } from '../../../src/store/postgres/connect.ts';
import { databaseFailure, isConnectionLoss } from '../../../src/store/postgres/connection-failure.ts';
import { arrayText, decodeText } from '../../../src/store/postgres/encode-values.ts';
import { errorOf } from '../state.ts';

const place = (url: string): string => placeOf({ url: () => url, schema: 's', ca: undefined });

test('the place of a state names no user and no password', () => {
  expect(place('postgres://me:hunter2@db.example/states?sslmode=verify-full')).toBe(
    'schema s of the database states at db.example:5432',
  );
});

test.each([
  'not a url',
  'mysql://me:hunter2@db/x',
  'postgres://me:hunter2@db',
  'postgres://me:hunter2@db/x?sslmode=best',
])('%s is refused, and not repeated', (url) => {
  const error = errorOf(() => place(url));
  expect({ code: error.code, exitCode: error.exitCode }).toEqual({ code: 'state.databaseUrl', exitCode: 4 });
  expect(error.message).not.toContain('hunter2');
});

const errorWith = (code: string | undefined, message = 'm'): Error => Object.assign(new Error(message), { code });

test.each([
  ['28P01', 'state.accessDenied', false],
  ['3D000', 'state.databaseMissing', false],
  ['42501', 'state.noRight', false],
  ['42P01', 'state.vanished', false],
  ['53100', 'state.noSpace', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'state.tls', false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'state.tls', false],
  ['ECONNREFUSED', 'state.unreachable', true],
  ['57P01', 'state.unreachable', true],
  ['08006', 'state.unreachable', true],
  ['23505', undefined, false],
])('the error %s means %s', (code, expected, isLost) => {
  const error = errorWith(code);
  expect([databaseFailure('here', error)?.code, isConnectionLoss(error)]).toEqual([expected, isLost]);
});

test('a connection that ends without a code is lost', () => {
  expect(isConnectionLoss(errorWith(undefined, 'Connection terminated unexpectedly'))).toBe(true);
});

test('values become elements of arrays, and texts come back as they were', () => {
  expect(arrayText([1, null, -3], 'bigint')).toBe('{1,NULL,-3}');
  expect(arrayText([Buffer.from([0, 255]), null], 'bytea')).toBe(String.raw`{"\\x00ff",NULL}`);
  expect(arrayText(['a"b\\c', '', 'NULL'], 'text')).toBe(String.raw`{"a\"b\\c","","NULL"}`);
  for (const text of ['plain', 'nul \u0000 in it', 'escape \u0001 1', '\u0001\u0000\u00010'])
    expect(decodeText(arrayText([text], 'text').slice(2, -2))).toBe(text);
});
