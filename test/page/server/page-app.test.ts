import { expect, test } from '@jest/globals';
import { held, overview, pageOf, targetFacts } from '../page-fixture.ts';

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
