import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { expect, jest, test } from '@jest/globals';
import { createCompany, leave, peopleWithoutReports } from '../../world/company.ts';
import { configuration, createFixture, expectExitCode, groupFiles, target } from '../../world/fixture.ts';
import { waitUntil } from '../../world/wait-until.ts';
import { startPageDaemon } from './page-daemon.ts';

jest.setTimeout(60_000);

test('the page and "status" name the same hold, with the command that approves it', async () => {
  await using page = await startPageDaemon({}, { guard: { maxRemovals: 0, floor: 0 } });
  const { fixture, company, daemon } = page;
  await waitUntil('a page in step', async () => (await page.text('/')).includes('The target is in step'));
  expectExitCode(await fixture.cli.run('status', '--exit-code'), 0);
  const [leaver] = peopleWithoutReports(company, 1);
  if (leaver === undefined) throw new Error('there is no such person');
  leave(company, leaver.id);
  fixture.cli.export(company);
  await waitUntil('the hold', async () => (await page.text('/')).includes('1 of 1 targets needs a person'));
  const status = await fixture.cli.run('status', '--exit-code');
  expectExitCode(status, 1);
  const command = /if it is right: (scimsync approve (\w+)) --reason/.exec(status.stdout);
  expect(command).not.toBeNull();
  for (const path of ['/', '/targets/app']) expect(await page.text(path)).toContain(command?.[1]);
  expect(await page.text('/targets/app')).toContain('would deactivate or delete 1 of 12 people');
  // The command of the page works.
  expectExitCode(await fixture.cli.run('approve', command?.[2] ?? '', '--reason', 'she left'), 0);
  await waitUntil('the page in step again', async () => (await page.text('/')).includes('The target is in step'));
  // The story of the leaver is that of "explain" and "history"; the approval is in the list of passes.
  const story = await page.text(`/users?key=${leaver.id}`);
  const plain = story.replaceAll('&quot;', '"');
  const { stdout: history } = await fixture.cli.run('history', '--user', leaver.id);
  const sentences = history.split('\n').filter(Boolean);
  expect(sentences.length).toBeGreaterThan(2);
  for (const line of sentences) expect(plain).toContain(/→ (.*)$/.exec(line)?.[1] ?? line);
  expect(plain).toContain('source: no longer in the source');
  expect(await page.text(`/search?q=${encodeURIComponent(leaver.email)}`)).toContain(`/users?key=${leaver.id}`);
  const approved = /href="(\/passes\/\d+)"/.exec((await page.text('/passes')).split('she left')[0] ?? '');
  expect(approved).not.toBeNull();
  expect(await page.text(approved?.[1] ?? '')).toContain('Operations');
  expect(await (await page.get('/healthz')).json()).toEqual({ alive: true });
  expect(await (await page.get('/readyz')).json()).toEqual({ ready: true, reasons: [] });
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
  await expect(page.get('/')).rejects.toThrow();
});

test('the process of the page has no secret of a target, and starts again after it was killed', async () => {
  await using page = await startPageDaemon({ token: { env: 'APP_TOKEN' } });
  const { daemon, fixture } = page;
  expect((await page.get('/')).status).toBe(401);
  const children = (): readonly string[] =>
    readFileSync(`/proc/${daemon.child.pid}/task/${daemon.child.pid}/children`, 'utf8').split(' ').filter(Boolean);
  const [pid] = children();
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
  expect(environment).toContain('PATH=');
  expect(environment).not.toContain('APP_TOKEN');
  process.kill(Number(pid), 'SIGKILL');
  await waitUntil('another process', () => children().some((one) => one !== pid));
  const addresses = (): number => daemon.output().stderr.split('the status page is at').length;
  await waitUntil('the page again', () => addresses() === 3);
  expect(fixture.server.users.size).toBe(12);
});

test('a port in use stops no pass, and is tried again', async () => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { readonly port: number };
  await using fixture = await createFixture();
  fixture.cli.configure({
    ...configuration([target(fixture.server.url)], groupFiles),
    http: { listen: `127.0.0.1:${port}` },
  });
  fixture.cli.export(createCompany(612, 5));
  const daemon = fixture.cli.start('daemon');
  await waitUntil('the message', () => daemon.output().stderr.includes('EADDRINUSE'));
  await waitUntil('the load', () => fixture.server.users.size === 5);
  other.close();
  await waitUntil('the page', () => daemon.output().stderr.includes('the status page is at'));
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});

test('after a reload, the page shows the new configuration, and what was counted stays', async () => {
  await using page = await startPageDaemon();
  const { fixture, daemon } = page;
  const created = /^scimsync_operations_total\{target="app",action="create",outcome="done"\} \d+$/m;
  const [before] = created.exec(await page.text('/metrics')) ?? [];
  const second = target(`${fixture.server.url}/other`, { name: 'second' });
  fixture.cli.configure({
    ...configuration([target(fixture.server.url), second], { ...groupFiles, changes: 'live' }),
    http: { listen: '127.0.0.1:0' },
  });
  daemon.child.kill('SIGHUP');
  await waitUntil('the new target', async () => (await page.text('/').catch(() => '')).includes('>second</a>'));
  expect((await page.text('/metrics')).split('\n')).toContain(before);
});
