import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import ts from 'typescript';
import { createCompany } from '../../world/company.ts';
import { createFixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { installPackage, root } from './installed-package.ts';

jest.setTimeout(60_000);

const installed = installPackage();
afterAll(() => installed[Symbol.dispose]());

const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'docs', 'library.md'), 'utf8')) ?? [];

/** What the documentation promises besides: errors with codes, events, and a process that is left alone. */
const promises = `
import { openScimsync, ScimsyncError } from 'scimsync';
import { readFileSync } from 'node:fs';

const config: object = JSON.parse(readFileSync(process.argv[2]!, 'utf8'));
const folder = process.argv[3]!;
const printed: string[] = [];
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (text: string | Uint8Array) => { printed.push(String(text)); return true; };
  process.once('exit', () => { stream.write = write; });
}

const facts: Record<string, unknown> = {};
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(() => 'no error', (error: unknown) => (error instanceof ScimsyncError ? error.code : String(error)));

const invalid = await openScimsync({ config: { state: 7, targets: [] }, folder }).catch((error: unknown) => error);
facts.issues = invalid instanceof ScimsyncError && invalid.issues.map(({ path }) => path);

const scimsync = await openScimsync({ config, folder, env: { APP_TOKEN: process.env.APP_TOKEN }, operator: 'nightly' });
const received = new Map<string, number>();
const count = (name: string) => (): void => { received.set(name, (received.get(name) ?? 0) + 1); };
for (const name of ['read', 'planned', 'operation', 'summary'] as const) scimsync.on(name, count(name));
const end = scimsync.on('operation', count('ended'));
end();

facts.before = await scimsync.status();
facts.unknownTarget = await codeOf(scimsync.plan({ targets: ['nowhere'] }));
facts.withoutApproval = await codeOf(scimsync.sync({ reason: 'none' }));
type Untyped = (...given: readonly unknown[]) => Promise<unknown>;
const untyped = scimsync as unknown as Record<'plan' | 'sync' | 'on', Untyped>;
facts.invalid = [
  await codeOf(openScimsync({} as never).then((opened) => opened.close())),
  await codeOf(openScimsync({ config, fodler: folder } as never)),
  await codeOf(untyped.sync({ target: 'app' })),
  await codeOf(untyped.sync({ allowRemovals: -1 })),
  await codeOf(untyped.plan({ user: 7 })),
  await codeOf(untyped.plan(null)),
  await codeOf((async () => untyped.on('operations', () => undefined))()),
  await codeOf((async () => untyped.on('operation', 'print'))()),
];
facts.stopped = await codeOf(scimsync.sync({ signal: AbortSignal.abort() }));
const actions: string[] = [];
const plan = await scimsync.plan({ onLine: (line) => { if (line.type === 'operation') actions.push(line.action); } });
facts.actions = actions;
facts.plan = { outcome: plan.outcome, create: plan.targets[0]?.counts.create };
const [first, second] = await Promise.all([scimsync.sync(), scimsync.sync()]);
facts.first = { outcome: first.outcome, succeeded: first.targets[0]?.succeeded };
facts.second = { outcome: second.outcome, later: second.pass > first.pass };
facts.received = Object.fromEntries(received);
const status = await scimsync.status();
facts.after = { needsPerson: status.needsPerson, users: status.targets[0]?.activeUsers, isRunning: status.isRunning };
await scimsync.close();
facts.closed = await codeOf(scimsync.status());
facts.signals = ['SIGTERM', 'SIGINT', 'SIGHUP'].map((name) => process.listenerCount(name));
facts.printed = printed;
process.once('exit', (code) => process.stdout.write(JSON.stringify({ ...facts, code })));
`;

/** The errors of the compiler, with all checks, also of the declarations of the package. */
function typeErrors(...files: readonly string[]): readonly string[] {
  const program = ts.createProgram(files, {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  });
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file: at }) => at?.fileName.includes(join('node_modules', '@types')) !== true)
    .map(({ messageText, file: at }) => `${at?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

/** Runs a file in the folder of the installation. */
function run(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((done, fail) => {
    execFile(process.execPath, [file, ...args], { cwd: installed.folder, env }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(new Error(`${error.message}\n${stderr}`));
    });
  });
}

const exampleFile = join(installed.folder, 'example.mts');
const promisesFile = join(installed.folder, 'promises.mts');
writeFileSync(exampleFile, example);
writeFileSync(promisesFile, promises);

test('programs that use the types have no type error', () => {
  expect(typeErrors(exampleFile, promisesFile)).toEqual([]);
});

test('the example of the documentation does what it states', async () => {
  await using fixture = await createFixture({ target: { guard: unlimitedGuard } });
  fixture.cli.export(createCompany(21, 3));
  const config = JSON.parse(readFileSync(fixture.cli.path('sync.config.json'), 'utf8')) as { source: object };
  const paths = {
    state: fixture.cli.path('scimsync.db'),
    source: { ...config.source, ...filesIn(fixture.cli.folder) },
  };
  writeFileSync(join(installed.folder, 'sync.config.json'), JSON.stringify({ ...config, ...paths }));
  const output = await run(exampleFile, [], { APP_TOKEN: fixture.server.token });
  expect(output.split('\n')).toEqual([
    'app: 3 to create, 0 to deactivate, held: false',
    ...Array.from({ length: 3 }, () => expect.stringMatching(/^app create \S.* done$/)),
    "done [ 'app: 3 done, 0 failed' ]",
    '',
  ]);
  expect(fixture.server.users.size).toBe(3);
});

test('calls have typed errors, events and results, and leave the process alone', async () => {
  await using fixture = await createFixture({ target: { guard: unlimitedGuard } });
  fixture.cli.export(createCompany(22, 2));
  const { token } = fixture.server;
  const facts: unknown = JSON.parse(
    await run(promisesFile, [fixture.cli.path('sync.config.json'), fixture.cli.folder], { APP_TOKEN: token }),
  );
  expect(facts).toEqual({
    code: 0,
    issues: expect.arrayContaining(['state', 'targets', 'source']),
    before: {
      ...{ needsPerson: false, isRunning: false, source: [] },
      targets: [{ target: 'app', activeUsers: 0, inactiveUsers: 0, groups: 0, memberships: 0, findings: [] }],
    },
    unknownTarget: 'commandLine.unknownTarget',
    withoutApproval: 'commandLine.reasonAlone',
    invalid: Array(8).fill('library.invalidArgument'),
    stopped: 'library.stopped',
    actions: ['create', 'create'],
    plan: { outcome: 'done', create: 2 },
    first: { outcome: 'done', succeeded: 2 },
    second: { outcome: 'done', later: true },
    received: expect.objectContaining({ operation: 2, summary: 2 }),
    after: { needsPerson: false, users: 2, isRunning: false },
    closed: 'library.closed',
    signals: [0, 0, 0],
    printed: [],
  });
  const { stdout } = await fixture.cli.run('passes', '--json');
  expect(stdout).toContain('"sync (library)"');
  expect(stdout).toContain('nightly');
});

const filesIn = (folder: string): object => ({
  users: { file: join(folder, 'users.csv'), key: 'id' },
  groups: { file: join(folder, 'groups.csv'), key: 'id' },
  memberships: { file: join(folder, 'memberships.csv'), group: 'group', member: 'member' },
});
