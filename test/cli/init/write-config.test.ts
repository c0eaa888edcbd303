import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { requireWritable, writeConfig } from '../../../src/cli/init/write-config.ts';

let folder: string;
let file: string;
let secret: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scimsync-init-'));
  file = join(folder, 'sync.config.json');
  secret = join(folder, 'secrets', 'wiki');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (force = false): void =>
  writeConfig({ file, settings: { state: './s.db' }, secrets: new Map([[secret, 'tok']]) }, force);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('the configuration and the typed secret are written, the secret for its owner only', () => {
  write();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ state: './s.db' });
  expect(readFileSync(secret, 'utf8')).toBe('tok\n');
  expect([modeOf(secret), modeOf(join(folder, 'secrets'))]).toEqual([0o600, 0o700]);
  expect(readdirSync(folder).sort()).toEqual(['secrets', 'sync.config.json']);
});

test('an existing configuration stays, and no secret does', () => {
  writeFileSync(file, 'mine');
  expect(() => write()).toThrow(expect.objectContaining({ code: 'commandLine.fileExists' }));
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(readdirSync(join(folder, 'secrets'))).toEqual([]);
  expect(() => requireWritable(file, false)).toThrow(/--force/);
  expect(() => requireWritable(file, true)).not.toThrow();
});

test('with force, an existing configuration is replaced and keeps its rights', () => {
  writeFileSync(file, 'mine');
  chmodSync(file, 0o640);
  write(true);
  expect(readFileSync(file, 'utf8')).toContain('s.db');
  expect(modeOf(file)).toBe(0o640);
});

test('an existing secret is never replaced', () => {
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(secret, 'of another application');
  expect(() => write(true)).toThrow(expect.objectContaining({ code: 'commandLine.fileExists' }));
  expect(readFileSync(secret, 'utf8')).toBe('of another application');
  expect(existsSync(file)).toBe(false);
});

test('a folder that does not exist is an error before the first question', () => {
  expect(() => requireWritable(join(folder, 'none', 'x.json'), false)).toThrow(/does not exist or is not writable/);
});
