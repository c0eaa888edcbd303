import { expect, test } from '@jest/globals';
import { zeroCounts } from '../../src/model/plan.ts';
import { planPageChange, planPageHead } from '../../src/page/plan/plan-page.ts';

test('a change shows old and new values, escaped, and that it is held', () => {
  const text = planPageChange({
    ...{
      action: 'update',
      resource: 'User',
      key: '7',
      name: '<b>ada</b>\u202e',
      reason: 'title changed',
      isHeld: true,
    },
    changes: [
      { path: 'title', from: 'Engineer', to: '"Chief" & more\n' },
      { path: 'active', from: null, to: false },
      { path: 'members', from: ['1', '2'], to: null },
    ],
  });
  expect(text).toContain('&lt;b&gt;ada&lt;/b&gt;\\u202e');
  expect(text).toContain('<del>Engineer</del>');
  expect(text).toContain('<ins>&quot;Chief&quot; &amp; more\\n</ins>');
  expect(text).toContain('<ins>false</ins>');
  expect(text).toContain('<del>1, 2</del>');
  expect(text).toContain('<strong>held</strong>');
});

test('the page allows its own style and nothing else', () => {
  const text = planPageHead({
    ...{ id: 'abc', at: '2026-11-29T18:00:00.000Z' },
    targets: [
      {
        ...{ target: 'wiki', counts: { ...zeroCounts(), deactivate: 6, create: 3 }, reasons: ['too many <removals>'] },
        command: 'scimsync approve 1 --reason "…"',
      },
    ],
  });
  expect(text).toMatch(/content="default-src 'none'; style-src 'sha256-[\w+/=]+'"|content="default-src &#39;none&#39;/);
  expect(text).not.toMatch(/<script|https?:\/\/|style="/);
  expect(text).toContain('scimsync sync --plan abc');
  expect(text).toContain('Held: too many &lt;removals&gt;');
  expect(text).toContain('<td class="number">6</td>');
});
