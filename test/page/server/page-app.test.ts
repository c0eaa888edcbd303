import { expect, test } from '@jest/globals';
import type { Entry, PassFacts, Story } from '../../../src/page/facts/page-facts.ts';
import { held, now, overview, pageOf, targetFacts } from '../page-fixture.ts';

test('each answer forbids scripts, framing and keeping, also a refusal', async () => {
  const page = pageOf();
  for (const [path, method] of [
    ['/', 'GET'],
    ['/style.css', 'GET'],
    ['/nowhere', 'GET'],
    ['/healthz', 'GET'],
    ['/', 'POST'],
  ] as const) {
    const { headers } = await page.get(path, { method });
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'/);
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

test('only GET and HEAD are answered', async () => {
  const page = pageOf();
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const response = await page.get('/', { method });
    expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD']);
  }
  const head = await page.get('/', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('the page has no script, no inline style and no address of another server', async () => {
  const text = await (await pageOf().get('/')).text();
  expect(text).toMatch(/^<!doctype html><html lang="en">/);
  expect(text).not.toMatch(/<script|style=|\son\w+=|https?:\/\//);
});

test('what sources and targets wrote is escaped, and hidden characters are shown', async () => {
  const text = '<script>alert(1)</script>"\u202eevil\u0007';
  const page = pageOf({
    facts: {
      overview: async () =>
        overview({
          findings: [{ kind: 'accepted', text, details: [text] }],
          decisions: [text],
          targets: [targetFacts({ findings: [{ ...held, text, command: text }] })],
        }),
      target: async (name) => ({ target: targetFacts({ name }), activity: [] }),
    },
  });
  for (const path of ['/', `/targets/${encodeURIComponent(text)}`]) {
    const body = await (await page.get(path)).text();
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;\\u202eevil\\u0007');
    expect(body).not.toMatch(/[\u202e\u0007]/);
  }
});

test('the overview names what needs a person first, with the command', async () => {
  const page = pageOf({
    facts: {
      overview: async () =>
        overview({ targets: [targetFacts(), targetFacts({ name: 'chat', condition: 'held', findings: [held] })] }),
    },
  });
  const text = await (await page.get('/')).text();
  expect(text).toContain('<h1>1 of 2 targets needs a person</h1>');
  expect(text).toContain('<code>scimsync approve 6cd08ff05521 --reason &quot;…&quot;</code>');
  expect(text.indexOf('>chat</a>')).toBeLessThan(text.indexOf('>wiki</a>'));
});

test('without a state, the page states that, and an unknown target is 404', async () => {
  const page = pageOf({ facts: { overview: async () => undefined } });
  expect(await (await page.get('/')).text()).toContain('No pass has run yet');
  const missing = await page.get('/targets/nowhere');
  expect(missing.status).toBe(404);
  expect(await missing.text()).toContain('There is no target nowhere.');
});

test('a wrong token waits for its answer, and after ten the client gets 429 at once', async () => {
  const page = pageOf({ access: { isLoopback: false, token: 'right', proxy: undefined } });
  const asked = (authorization?: string) =>
    page.get('/metrics', authorization === undefined ? {} : { headers: { authorization } }, '10.0.0.9');
  const none = await asked();
  expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="scimsync", charset="UTF-8"']);
  expect(page.slept).toEqual([]);
  for (let tries = 0; tries < 10; tries += 1) expect((await asked('Bearer wrong')).status).toBe(401);
  expect(page.slept.slice(0, 3)).toEqual([250, 500, 1000]);
  const blocked = await asked('Bearer right');
  expect([blocked.status, blocked.headers.get('retry-after')]).toEqual([429, '60']);
  expect((await page.get('/metrics', { headers: { authorization: 'Bearer right' } }, '10.0.0.8')).status).toBe(200);
  expect((await page.get('/healthz', {}, '10.0.0.9')).status).toBe(200);
});

const entry: Entry = {
  ...{ id: 9, at: now, pass: 7, target: 'wiki', resourceType: 'User', key: 'a/b&c=..' },
  ...{ sentence: 'deactivate user ada (a/b), who left the source', outcome: 'held', result: 'held' },
};
const pass: PassFacts = {
  ...{ id: 7, command: 'daemon', started: now, ended: undefined, result: 'running', note: undefined },
  ...{ targets: [{ target: 'wiki', sentence: 'deactivate 1; 0 done; 1 held' }], approvals: ['anna approved it'] },
};

test('a story is found by its key, whatever characters the key has', async () => {
  const story: Story = {
    ...{ resourceType: 'User', key: entry.key, name: 'ada', isInSource: true, command: "scimsync sync --user 'a/b'" },
    ...{ record: ['Person a/b', '  source: active', '    mail: ada@x.example\nforged: line'], entries: [entry] },
    ...{ targets: [{ target: 'wiki', lines: ['    acknowledged: id 1', '      active: true'] }], hasMore: true },
  };
  const asked: string[] = [];
  const page = pageOf({
    facts: {
      search: async () => [story],
      story: async (resourceType, key) => {
        asked.push(`${resourceType} ${key}`);
        return key === entry.key ? story : undefined;
      },
    },
  });
  const found = await (await page.get('/search?q=%20ada%20')).text();
  const [, path = ''] = /href="(\/users[^"]*)"/.exec(found) ?? [];
  expect(path).toBe('/users?key=a%2Fb%26c%3D..');
  const text = await (await page.get(path)).text();
  expect(asked).toEqual([`User ${entry.key}`]);
  // A line break in a value is no line of its own.
  expect(text).toContain('<pre class="lines">source: active\n  mail: ada@x.example\\nforged: line</pre>');
  expect(text).toContain('<pre class="lines">acknowledged: id 1\n  active: true</pre>');
  expect(text).toContain('who left the source');
  expect((await page.get('/groups?key=x')).status).toBe(404);
});

test('passes and operations have pages', async () => {
  const asked: unknown[] = [];
  const page = pageOf({
    facts: {
      passes: async (before) => {
        asked.push(before);
        return Array.from({ length: 31 }, (_, index) => ({ ...pass, id: 100 - index }));
      },
      pass: async (id, after) => {
        asked.push([id, after]);
        return { pass, entries: [entry], next: 9 };
      },
    },
  });
  const list = await (await page.get('/passes')).text();
  expect(list.match(/href="\/passes\/\d+"/g)).toHaveLength(30);
  expect(list).toContain('href="/passes?before=71"');
  expect(await (await page.get('/passes/7?after=5')).text()).toContain('href="/passes/7?after=9"');
  await page.get('/passes?before=71');
  await page.get('/passes?before=7%27');
  expect(asked).toEqual([undefined, [7, 5], 71, undefined]);
  for (const path of ['/passes/x', '/passes/-1', '/passes/9999999999999999'])
    expect((await page.get(path)).status).toBe(404);
});

test('an empty search asks nothing, and a long one is cut', async () => {
  const asked: string[] = [];
  const page = pageOf({
    facts: {
      search: async (text) => {
        asked.push(text);
        return [];
      },
    },
  });
  expect(await (await page.get('/search')).text()).toContain('Nothing found');
  await page.get(`/search?q=${'x'.repeat(5_000)}`);
  expect(asked).toEqual(['x'.repeat(200)]);
});
