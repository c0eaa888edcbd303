import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { configuration, createFixture, expectExitCode, target } from '../../world/fixture.ts';

jest.setTimeout(60_000);

test('explain shows the leaver with a key, not the users whose manager this leaver is', async () => {
  await using fixture = await createFixture();
  const { cli, server } = fixture;
  cli.configure(configuration([target(server.url)], { users: { file: 'users.csv', key: 'id' } }));
  const reports = ['e2', 'e3', 'e4', 'e5'].map((id) => `${id},${id}@corp.example,,,e1`);
  const write = (rows: readonly string[]): void =>
    writeFileSync(cli.path('users.csv'), ['id,userName,email,department,manager', ...rows, ''].join('\n'));
  write(['e1,e1@corp.example,,,', ...reports]);
  expectExitCode(await cli.run('sync'), 0);
  write(reports);
  for (const command of ['plan', 'sync']) {
    const explained = await cli.run('explain', 'e1');
    expectExitCode(explained, 0);
    expect(explained.stdout).toContain('e1');
    expect(explained.stdout).not.toContain('e2@corp.example');
    await cli.run(command, '--accept-source');
  }
});
