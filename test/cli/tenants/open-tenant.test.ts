import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readTenant } from '../../../src/cli/tenants/open-tenant.ts';

const folder = mkdtempSync(join(tmpdir(), 'scimsync-tenant-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['a file', './acme.db', undefined],
  ['a database', { postgres: { url: 'postgres://me@db.example/states' } }, 'tenants.stateInDatabase'],
])('a tenant whose state is in %s', (_, state, code) => {
  const file = join(folder, 'acme.json');
  const target = { name: 'app', url: 'https://app.example/scim', profile: 'generic', auth: { type: 'none' } };
  writeFileSync(
    file,
    JSON.stringify({ state, source: { type: 'csv', users: { file: 'users.csv', key: 'id' } }, targets: [target] }),
  );
  const open = (): unknown => readTenant(file);
  if (code === undefined) expect(open()).toMatchObject({ state: join(folder, 'acme.db') });
  else expect(open).toThrow(expect.objectContaining({ code }));
});
