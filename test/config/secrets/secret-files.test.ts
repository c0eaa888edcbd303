import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { secretFiles } from '../../../src/config/secrets/secret-files.ts';
import { readSecret, redactor, type Secret } from '../../../src/config/secrets/secrets.ts';
import { loadFrom, minimalConfig } from '../fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'scimsync-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));
const io = { secretFiles, env: {}, folder };

function secretIn(file: string): Secret {
  const read = readSecret({ file }, io);
  if (read.kind === 'missing') throw new Error(read.message);
  return read.secret;
}

test('a secret is what its file has now; what the file was before is hidden, too', () => {
  const file = join(folder, 'token');
  writeFileSync(file, 'first\n', { mode: 0o600 });
  const secret = secretIn('token');
  const redact = redactor([secret]);
  writeFileSync(file, 'second\n');
  expect(secret.reveal()).toBe('second');
  expect(redact('first second')).toBe('••• •••');
});

test.each([
  ['is empty', (file: string) => writeFileSync(file, '')],
  ['has two lines', (file: string) => writeFileSync(file, 'a\nb')],
  ['is gone', (file: string) => rmSync(file)],
])('a secret whose file %s by now stays what it was', (name, damage) => {
  const file = join(folder, name);
  writeFileSync(file, 'good');
  const secret = secretIn(name);
  damage(file);
  expect(secret.reveal()).toBe('good');
});

test('what cannot be a secret is refused with a sentence, without reading all of it', () => {
  execFileSync('truncate', ['-s', '50M', join(folder, 'large')]);
  mkdirSync(join(folder, 'folder'));
  const messageOf = (file: string): string => {
    const read = readSecret({ file }, io);
    return read.kind === 'missing' ? read.message : 'no error';
  };
  expect(messageOf('large')).toMatch(/large is longer than 64 KB, so it is no secret/);
  expect(messageOf('folder')).toMatch(/folder cannot be read \(it is a folder; name a file in it\)/);
  expect(messageOf('/dev/zero')).toMatch(/longer than 64 KB/);
  expect(messageOf('token/x')).toMatch(/cannot be read \(ENOTDIR\)/);
});

test('a credential needs systemd', () => {
  expect(readSecret({ credential: 'crm' }, io)).toMatchObject({
    message: expect.stringContaining('add "LoadCredential=crm:PATH" to the unit'),
  });
});

test('a file that every user can read is a warning', () => {
  const file = join(folder, 'open');
  writeFileSync(file, 'x');
  for (const [mode, expected] of [
    [0o644, true],
    [0o640, false],
    [0o600, false],
  ] as const) {
    chmodSync(file, mode);
    expect(secretFiles.isReadableByAll(file)).toBe(expected);
  }
  const config = minimalConfig();
  config.targets[0].auth = { type: 'bearer', token: { file: 'token.public' } };
  const loaded = loadFrom(config, { '/etc/sync/token.public': 'abc' });
  expect(loaded).toMatchObject({
    config: { warnings: [{ code: 'config.secretReadable', path: 'targets[0].auth.token' }] },
  });
});
