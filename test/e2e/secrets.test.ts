import { readdirSync, statSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { company, hire } from '../world/company.ts';
import { everythingIn, type Run } from '../world/scimsync.ts';
import { configuration, expectCode, target, world } from '../world/setup.ts';

jest.setTimeout(60_000);

test('secrets are nowhere in what is printed or kept, however it goes wrong', async () => {
  await using at = await world();
  const { token } = at.server;
  const made = company(111, 20, 2);
  const said: Run[] = [];
  const run = async (...args: string[]): Promise<void> => void said.push(await at.desk.run(...args));

  at.desk.export(made);
  await run('check');
  await run('plan', '--json');
  // It is looked for while the process lives, too: the write-ahead log is folded into the state when it ends.
  at.server.options.latencyMs = 10;
  const running = at.desk.start('sync', '--json');
  while (at.server.log.length < 10) await new Promise((done) => setTimeout(done, 5));
  const files = (): string[] =>
    readdirSync(at.desk.folder)
      .filter((name) => name.startsWith('scimsync'))
      .map((name) => at.desk.path(name));
  expect(everythingIn(files())).not.toContain(token);
  for (const file of files()) expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
  said.push(await running.ended);
  at.server.options.latencyMs = 0;
  at.server.options.fault = (entry) => (entry.method === 'POST' ? { status: 401 } : undefined);
  hire(made);
  at.desk.export(made);
  await run('sync', '--json');
  at.server.options.fault = undefined;
  await run('status', '--json');
  await run('history', '--json');
  await run('explain', 'e00003');

  expect(everythingIn(files())).not.toContain(token);
  for (const { stdout, stderr } of said) {
    for (const form of [token, Buffer.from(token).toString('base64'), encodeURIComponent(token)])
      expect(stdout + stderr).not.toContain(form);
  }
});

test('basic authentication and a header keep theirs too', async () => {
  await using at = await world();
  const password = 'p4ss"w:rd/with+signs';
  const auth = { type: 'basic', username: 'sync', password };
  at.desk.configure(
    configuration([
      { ...target(at.server.url), auth },
      { ...target(at.server.url), name: 'two', auth: { type: 'header', name: 'X-Api-Key', value: password } },
    ]),
  );
  at.desk.export(company(112, 3));
  const runs = [await at.desk.run('check'), await at.desk.run('sync', '--json'), await at.desk.run('status')];
  expectCode(runs[1] as Run, 1);
  const basic = Buffer.from(`sync:${password}`).toString('base64');
  for (const { stdout, stderr } of runs)
    for (const form of [password, basic, JSON.stringify(password).slice(1, -1)])
      expect(stdout + stderr).not.toContain(form);
  expect(everythingIn([at.desk.path('scimsync.db')])).not.toContain(password);
  expect(everythingIn([at.desk.path('scimsync.db')])).not.toContain(basic);
});
