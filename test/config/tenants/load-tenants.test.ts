import { expect, test } from '@jest/globals';
import { loadTenants } from '../../../src/config/tenants/load-tenants.ts';

const load = (text: string | undefined) =>
  loadTenants(text === undefined ? undefined : '/etc/tenants/tenants.json', {
    env: { PAGE_TOKEN: 'page-secret' },
    readFile: (path) => {
      if (path.endsWith('.json')) return text ?? '';
      throw new Error('missing');
    },
    secretFiles: { read: () => '', stamp: () => undefined, isReadableByAll: () => false },
  });

test('without a file, the defaults count, and there is no page', () => {
  expect(load(undefined)).toEqual({
    config: {
      ...{ maxRequests: 100, maxRequestsPerTenant: 25, maxReadings: 4, lookMs: 10_000 },
      ...{ page: undefined, secrets: [], warnings: [] },
    },
  });
});

test('the page has its token and the files of its folder', () => {
  const loaded = load('{ "maxRequests": 8, "http": { "token": { "env": "PAGE_TOKEN" } } } // comment');
  if (!('config' in loaded)) throw new Error(JSON.stringify(loaded));
  const { page, secrets, maxRequests } = loaded.config;
  expect(maxRequests).toBe(8);
  expect(page?.listen).toEqual({ host: '127.0.0.1', port: 9464 });
  expect(page?.token?.reveal()).toBe('page-secret');
  expect(secrets).toHaveLength(1);
});

test.each([
  ['{', 'config.syntax'],
  ['{ "maxRequest": 8 }', 'config.unknownKey'],
  ['{ "maxRequests": 0 }', 'config.outOfRange'],
  ['{ "maxReadings": 1, "maxReadings": 2 /* twice */ }', 'config.duplicateName'],
  ['{ "http": { "listen": "0.0.0.0:9464" } }', 'config.pageUnprotected'],
  ['{ "http": { "token": { "env": "OTHER" } } }', 'config.secretMissing'],
  ['{ "http": { "certFile": "cert.pem", "keyFile": "key.pem" } }', 'config.fileUnreadable'],
])('%s is refused as %s', (text, code) => {
  const loaded = load(text);
  expect('issues' in loaded ? loaded.issues.map((issue) => issue.code) : []).toContain(code);
});
