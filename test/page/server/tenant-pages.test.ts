import { expect, test } from '@jest/globals';
import type { TenantFacts } from '../../../src/page/facts/page-facts.ts';
import { facts, now, overview, pageOf, targetFacts } from '../page-fixture.ts';

const tenantFacts = (changes: Partial<TenantFacts> = {}): TenantFacts => ({
  name: 'acme',
  problem: undefined,
  isRunning: true,
  targets: 2,
  pass: { at: now, sentence: 'done' },
  urgent: [],
  ...changes,
});

const broken = tenantFacts({
  name: 'no<b>',
  isRunning: false,
  problem: 'the configuration has 1 mistake',
  pass: undefined,
});

const ofAcme = {
  ...facts,
  overview: async () => overview(),
  target: async (name: string) => (name === 'wiki' ? { target: targetFacts(), activity: [] } : undefined),
};

const page = pageOf({
  tenants: {
    all: async () => [tenantFacts(), broken],
    pagesOf: (tenant) => (tenant === 'acme' ? ofAcme : undefined),
  },
});

const textOf = async (path: string): Promise<string> => (await page.get(path)).text();

test('the list shows those that need a person first, and links to those that run', async () => {
  const text = await textOf('/');
  expect(text).toContain('1 of 2 tenants needs a person');
  expect(text).toContain('the configuration has 1 mistake');
  expect(text.indexOf('no&lt;b&gt;')).toBeLessThan(text.indexOf('acme'));
  expect(text).toContain('href="/t/acme"');
  expect(text).not.toContain('href="/t/no');
  expect(text).not.toContain('<form');
});

test('the pages of a tenant link to pages of the same tenant', async () => {
  const text = await textOf('/t/acme');
  expect(text).toContain('href="/t/acme/targets/wiki"');
  expect(text).toContain('action="/t/acme/search"');
  expect(text).toContain('href="/t/acme/passes/7"');
  const links = [...text.matchAll(/(?:href|action)="([^"#]*)"/g)].map(([, link]) => link);
  const common = ['/', '/style.css', '/favicon.svg'];
  expect(links.filter((link = '') => link !== '' && !link.startsWith('/t/acme') && !common.includes(link))).toEqual([]);
  expect(await textOf('/t/acme/targets/wiki')).toContain('href="/t/acme"');
});

test.each(['/t/other', '/t/other/passes', '/t/acme/targets/other', '/t/acme/nothing', '/passes', '/targets/wiki'])(
  '%s is not found',
  async (path) => {
    const response = await page.get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
  },
);
