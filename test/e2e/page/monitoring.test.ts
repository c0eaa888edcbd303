import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { leave, peopleWithoutReports } from '../../world/company.ts';
import { programPath } from '../../world/directory/servers/installed.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { startPageDaemon } from './page-daemon.ts';

jest.setTimeout(60_000);

const root = join(import.meta.dirname, '..', '..', '..');
const rules = join(root, 'config', 'prometheus', 'scimsync.rules.yml');
const dashboard = join(root, 'config', 'grafana', 'scimsync.json');

/** Names of metrics, without the endings of histograms. */
const namesIn = (text: string): readonly string[] => [
  ...new Set(
    [...text.matchAll(/\b(?:scimsync|process|nodejs)_[a-z0-9_]+/g)].map(([name]) =>
      name.replace(/_(?:bucket|count|sum)$/, ''),
    ),
  ),
];

test('a running daemon has each metric that the dashboard and the rules name', async () => {
  await using page = await startPageDaemon();
  const { fixture, company } = page;
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('there is no such person');
  leave(company, leaver.id);
  fixture.cli.export(company);
  const leaverMeasured = /^scimsync_leaver_latency_seconds_count\{target="app",evidence="\w+"\} 1$/m;
  await waitUntil('the leaver', async () => leaverMeasured.test(await page.text('/metrics')));
  const text = await page.text('/metrics');
  const known = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(new Set(known).size).toBe(known.length);
  const named = [...new Set([rules, dashboard].flatMap((file) => namesIn(readFileSync(file, 'utf8'))))];
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
  expect(text).toContain('scimsync_operations_total{target="app",action="create",outcome="done"}');
  expect(text).toContain('scimsync_request_rate_limit{target="app"} 1000');
  expect(text).toMatch(/^scimsync_source_records\{type="user"\} 11$/m);
  expect(text).toMatch(/^scimsync_target_users\{target="app",active="false"\} 1$/m);
  // No label has a value for each person.
  expect(text).not.toContain(leaver.id);
  if (programPath('promtool') === undefined) return;
  execFileSync('promtool', ['check', 'metrics'], { input: withoutProcess(text) });
});

/** promtool finds names of Node.js unusual that are not ours. */
const withoutProcess = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(?:# \w+ )?(?:nodejs|process)_/.test(line))
    .join('\n');

const withPromtool = programPath('promtool') === undefined ? describe.skip : describe;

withPromtool('promtool', () => {
  test('accepts the alert rules, and they alert when they should', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scimsync-rules-'));
    try {
      copyFileSync(rules, join(folder, 'scimsync.rules.yml'));
      copyFileSync(join(import.meta.dirname, 'scimsync.rules.test.yml'), join(folder, 'test.yml'));
      expect(execFileSync('promtool', ['check', 'rules', rules], { encoding: 'utf8' })).toContain('SUCCESS');
      expect(execFileSync('promtool', ['test', 'rules', join(folder, 'test.yml')], { encoding: 'utf8' })).toContain(
        'SUCCESS',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('each panel of the dashboard has a title and asks a data source that can be chosen', () => {
  const { panels, templating } = JSON.parse(readFileSync(dashboard, 'utf8'));
  expect(panels.length).toBeGreaterThan(10);
  for (const { title, datasource, targets } of panels) {
    expect(title).not.toBe('');
    expect(datasource.uid).toMatch(/^\$\{datasource\}$/);
    expect(targets.length).toBeGreaterThan(0);
  }
  expect(templating.list.map(({ name }: { name: string }) => name)).toEqual(['datasource', 'target']);
});
