import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { hire, leave, peopleWithoutReports } from '../../world/company.ts';
import { chromiumPath, startChromium } from '../../world/chromium.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { startPageDaemon } from './page-daemon.ts';
import { lowContrast, overflow, structureMistakes } from './page-checks.ts';

jest.setTimeout(60_000);

/** The screenshots stay, so that a person can look at them after the run. */
const folder = join(import.meta.dirname, '..', '..', '..', 'coverage', 'page');

const withChromium = chromiumPath === undefined ? describe.skip : describe;

withChromium('in a browser', () => {
  test('each page is readable on a phone and a desk, light and dark, by keyboard and without JavaScript', async () => {
    await using page = await startPageDaemon({}, { guard: { maxRemovals: 0, floor: 0, maxCreates: 100 } });
    const { fixture, company, url } = page;
    const [leaver] = peopleWithoutReports(company, 1);
    if (leaver === undefined) throw new Error('there is no such person');
    leave(company, leaver.id);
    fixture.server.options.fault = ({ method }) => (method === 'POST' ? { status: 400 } : undefined);
    hire(company);
    fixture.cli.export(company);
    await waitUntil('a hold and a failure', async () => {
      const text = await page.text('/targets/app');
      return text.includes('scimsync approve') && text.includes('1 user or group fails');
    });
    mkdirSync(folder, { recursive: true });
    await using browser = await startChromium();
    const paths = {
      overview: '/',
      target: '/targets/app',
      person: `/users?key=${leaver.id}`,
      group: '/groups?key=t1',
      search: '/search?q=unknown',
      passes: '/passes',
      pass: '/passes/1',
      missing: '/nowhere',
    };
    for (const [width, colorScheme] of [
      [360, 'dark'],
      [1000, 'light'],
    ] as const) {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      const tab = await context.newPage();
      const complaints: string[] = [];
      tab.on('console', (message) => complaints.push(message.text()));
      for (const [name, path] of Object.entries(paths)) {
        await tab.goto(`${url}${path}`);
        await tab.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        expect([name, width, await overflow(tab)]).toEqual([name, width, 0]);
        expect([name, await lowContrast(tab)]).toEqual([name, []]);
        expect([name, await structureMistakes(tab)]).toEqual([name, []]);
      }
      // The policy refused nothing of the page itself; a missing page is an answer with 404.
      expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
      await context.close();
    }

    const context = await browser.newContext({ javaScriptEnabled: false });
    const tab = await context.newPage();
    await tab.goto(url);
    await tab.keyboard.press('Tab');
    expect(await tab.locator(':focus').textContent()).toContain('Skip to the content');
    expect(await tab.locator(':focus').boundingBox()).toMatchObject({ x: 16 });
    await tab.keyboard.press('Enter');
    expect(new URL(tab.url()).hash).toBe('#main');
    await tab.getByLabel('Person or group').fill(leaver.email);
    await tab.keyboard.press('Enter');
    await tab.getByRole('link', { name: leaver.userName }).click();
    expect(await tab.locator('main').innerText()).toContain('no longer in the source');
    await tab.goto(`${url}/targets/app`);
    expect(await tab.locator('main').innerText()).toContain('scimsync approve');
  });
});
