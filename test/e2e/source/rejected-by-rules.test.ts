import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { configuration, createFixture, target } from '../../world/fixture.ts';

jest.setTimeout(60_000);

test('check shows whom rules reject: a name is missing, or an expression exceeds its budget', async () => {
  await using fixture = await createFixture();
  const { cli, server } = fixture;
  const user = {
    userName: 'user.mail',
    title: 'values.teams.all(a, values.teams.exists(b, b == a)) ? "many" : "few"',
  };
  const users = { file: 'users.csv', key: 'id', listSeparator: ';' };
  const rules = { mapping: { user } };
  const grouped = { ...rules, name: 'grouped', scope: { users: 'user.mail != "x" || "red" in groups' } };
  cli.configure(
    configuration([target(server.url, rules), target(server.url, grouped)], { users, groups: { column: 'crew' } }),
  );
  // Each element is compared with all earlier ones.
  const many = Array.from({ length: 6_000 }, (_, index) => `t${index}`).join(';');
  writeFileSync(
    cli.path('users.csv'),
    `id,mail,teams,crew\n1,ada@x.example,,red\n2,,,red\n3,eve@x.example,${many},red\n`,
  );

  const { code, lines } = await cli.run('check', '--json');
  expect(code).toBe(0);
  const warnings = lines.filter(({ type, level }) => type === 'problem' && level === 'warning');
  const message = expect.stringMatching(
    '^2 people and groups cannot be sent there: 2: has no userName: user.mail is missing; ' +
      '3: title cannot be computed: .*needs more than 10,000,000 steps',
  );
  expect(warnings).toEqual(
    expect.arrayContaining(['app', 'grouped'].map((name) => expect.objectContaining({ target: name, message }))),
  );
});
