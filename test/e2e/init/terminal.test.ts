import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { createCliWorkspace } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { scriptPath, startAtTerminal } from '../../world/pseudo-terminal.ts';
import { seededRandom } from '../../world/random.ts';
import { createSkippingClock } from '../../world/skipping-clock.ts';

jest.setTimeout(60_000);

const token = 'typed-token-4711';
const hidden = 'no\u001b[2Jte';
const company = `id,mail,first name,${hidden},state
7,ada@company.example,Ada,x,A
8,bob@company.example,Bob,y,L
`;

/** The answers of a person up to the application. Without util-linux, a platform has no script(1) and skips them. */
const describeAtTerminal = scriptPath === undefined ? describe.skip : describe;

describeAtTerminal('scimsync init at a terminal', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ clock: createSkippingClock(), random: seededRandom(1), token });
  });
  afterAll(() => sandbox.close());

  test('asks, asks again after wrong answers, keeps what is typed secret, and shows the first plan', async () => {
    await using cli = createCliWorkspace({});
    writeFileSync(cli.path('people.csv'), company);
    await using person = startAtTerminal(cli.folder, { TZ: 'UTC' }, 'init');
    await person.answer('Where do users come from?', '7');
    await person.answer('The answer is not one of the possible answers', '1');
    await person.answer('Which CSV file has one row for each user?', 'peple.csv');
    await person.answer('peple.csv does not exist', 'people.csv');
    // A name with hidden characters is a choice that is shown escaped.
    await person.until('no\\u001b[2Jte');
    await person.answer('[id]', '');
    await person.answer('Which column shows whether a user is active?', 'state');
    await person.answer('Which values of state do active users have?', 'A');
    await person.answer('Where do groups come from?', 'none');
    await person.answer('Which column has the name by which a user logs in', '');
    await person.answer('Send these attributes?', 'yes');
    await person.answer("What is the base URL of the application's SCIM endpoint?", sandbox.url);
    await person.answer('Which application is it?', '');
    await person.answer('What is its name in commands and messages?', 'wiki');
    await person.answer('How does scimsync authenticate there?', 'bearer');
    await person.answer('Where is the token?', 'type');
    await person.answer('The token', 'wrong-token-4711');
    await person.until('cannot be used');
    await person.answer('endpoint?', '');
    await person.answer('Which application is it?', '');
    await person.answer('What is its name', '');
    await person.answer('authenticate', '');
    await person.answer('Where is the token?', 'type');
    await person.answer('The token', token);
    const { code, shown } = await person.ended;
    expect(code).toBe(0);
    expect(shown).toContain('wiki: create 1');
    for (const secret of [token, 'wrong-token-4711', hidden]) expect(shown).not.toContain(secret);
    const text = readFileSync(cli.path('sync.config.json'), 'utf8');
    expect(text).not.toContain(token);
    expect(JSON.parse(text)).toMatchObject({
      source: { users: { file: './people.csv', key: 'id', active: "user.state == 'A'" } },
      targets: [{ name: 'wiki', auth: { type: 'bearer', token: { file: './secrets/wiki' } } }],
    });
    expect(readFileSync(cli.path('secrets/wiki'), 'utf8')).toBe(`${token}\n`);
    expect(statSync(cli.path('secrets/wiki')).mode & 0o777).toBe(0o600);
    expectExitCode(await cli.run('check'), 0);
  });

  test.each<[string, (cli: ReturnType<typeof startAtTerminal>) => void]>([
    ['Ctrl-C', (person) => person.type('\u0003')],
    ['Ctrl-D', (person) => person.type('\u0004')],
  ])('%s leaves nothing behind', async (_keys, stop) => {
    await using cli = createCliWorkspace({});
    writeFileSync(cli.path('people.csv'), company);
    const args = ['init', '--yes', '--source', 'csv', '--file', 'people.csv', '--target-url', sandbox.url];
    await using person = startAtTerminal(cli.folder, {}, ...args, '--secret', 'type');
    await person.until('The token (it is not shown) > ');
    stop(person);
    const { code, shown } = await person.ended;
    expect(shown).toContain('nothing was written');
    expect(code).toBe(1);
    expect(readdirSync(cli.folder)).toEqual(['people.csv']);
  });
});
