import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createStateClaims } from '../../../src/cli/tenants/state-claims.ts';
import { findSettings, listTenantFiles } from '../../../src/cli/tenants/tenant-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scimsync-tenants-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text = '{}'): void => writeFileSync(join(folder, name), text);

test('each JSON file is a tenant, in the order of names; the settings and hidden files are not', () => {
  for (const name of ['zeta.json', 'acme.json', 'two words.json', 'tenants.json', '.acme.json', 'acme.csv', 'a.json~'])
    write(name);
  mkdirSync(join(folder, 'folder.json'));
  symlinkSync('acme.json', join(folder, 'linked.json'));
  symlinkSync('missing', join(folder, 'dangling.json'));
  expect(listTenantFiles(folder).map(({ name }) => name)).toEqual(['acme', 'linked', 'two words', 'zeta']);
  expect(findSettings(folder)).toBe(join(folder, 'tenants.json'));
});

test('a written file has another stamp, and a missing folder is a mistake of the command line', () => {
  write('acme.json');
  const stamp = listTenantFiles(folder)[0]?.stamp;
  write('acme.json', '{ }');
  expect(listTenantFiles(folder)[0]?.stamp).not.toBe(stamp);
  expect(() => listTenantFiles(join(folder, 'missing'))).toThrow(/cannot be read \(ENOENT\)/);
});

test('a state belongs to one tenant, by whichever path, until it gives it back', () => {
  const claims = createStateClaims();
  mkdirSync(join(folder, 'states'));
  symlinkSync('states', join(folder, 'other'));
  const giveBack = claims.claim('acme', { state: join(folder, 'states', 'one.db') });
  claims.claim('zeta', { state: join(folder, 'states', 'two.db') });
  const same = { state: join(folder, 'other', 'one.db') };
  expect(() => claims.claim('other', same)).toThrow('the tenant acme has the state');
  giveBack();
  claims.claim('other', same);
});
