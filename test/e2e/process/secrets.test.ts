import { readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import { createCompany, hire } from '../../world/company.ts';
import { contentsOf, type CliResult } from '../../world/cli-workspace.ts';
import { configuration, expectExitCode, target, createFixture } from '../../world/fixture.ts';

jest.setTimeout(60_000);

test('secrets are neither printed nor stored, also not after errors', async () => {
  await using fixture = await createFixture();
  const { token } = fixture.server;
  const company = createCompany(111, 20, 2);
  const results: CliResult[] = [];
  const run = async (...args: string[]): Promise<void> => void results.push(await fixture.cli.run(...args));

  fixture.cli.export(company);
  await run('check');
  await run('plan', '--json');
  // The files are also searched while the process runs, because SQLite merges the write-ahead log at the end.
  fixture.server.options.latencyMs = 10;
  const cliProcess = fixture.cli.start('sync', '--json');
  while (fixture.server.log.length < 10) await new Promise((done) => setTimeout(done, 5));
  const files = (): string[] =>
    readdirSync(fixture.cli.folder)
      .filter((name) => name.startsWith('scimsync'))
      .map((name) => fixture.cli.path(name));
  expect(contentsOf(files())).not.toContain(token);
  for (const file of files()) expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
  results.push(await cliProcess.exited);
  fixture.server.options.latencyMs = 0;
  fixture.server.options.fault = (entry) => (entry.method === 'POST' ? { status: 401 } : undefined);
  hire(company);
  fixture.cli.export(company);
  await run('sync', '--json');
  fixture.server.options.fault = undefined;
  await run('status', '--json');
  await run('history', '--json');
  await run('explain', 'e00003');

  expect(contentsOf(files())).not.toContain(token);
  for (const { stdout, stderr } of results) {
    for (const form of [token, Buffer.from(token).toString('base64'), encodeURIComponent(token)])
      expect(stdout + stderr).not.toContain(form);
  }
});

test('secrets of basic authentication and of a header are neither printed nor stored', async () => {
  await using fixture = await createFixture();
  const password = 'p4ss"w:rd/with+signs';
  const auth = { type: 'basic', username: 'sync', password };
  fixture.cli.configure(
    configuration([
      { ...target(fixture.server.url), auth },
      { ...target(fixture.server.url), name: 'two', auth: { type: 'header', name: 'X-Api-Key', value: password } },
    ]),
  );
  fixture.cli.export(createCompany(112, 3));
  const runs = [
    await fixture.cli.run('check'),
    await fixture.cli.run('sync', '--json'),
    await fixture.cli.run('status'),
  ];
  expectExitCode(runs[1] as CliResult, 1);
  const basic = Buffer.from(`sync:${password}`).toString('base64');
  for (const { stdout, stderr } of runs)
    for (const form of [password, basic, JSON.stringify(password).slice(1, -1)])
      expect(stdout + stderr).not.toContain(form);
  expect(contentsOf([fixture.cli.path('scimsync.db')])).not.toContain(password);
  expect(contentsOf([fixture.cli.path('scimsync.db')])).not.toContain(basic);
});

const repeated: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'percent-encoded': encodeURIComponent,
  'percent-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'in JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)),
};

test.each(Object.keys(repeated))('servers repeat the request in their errors %s', async (name) => {
  await using fixture = await createFixture();
  const clientSecret = 'cl1ent"s:ecret/with+signs';
  const encode = repeated[name] ?? String;
  await using server = await repeatingServer(encode);
  const auth = { type: 'oauth2', tokenUrl: `${server.url}/token`, clientId: 'sync', clientSecret };
  fixture.cli.configure(
    configuration([
      { ...target(server.url), auth },
      { ...target(server.url), name: 'two', auth: { type: 'bearer', token: clientSecret } },
    ]),
  );
  fixture.cli.export(createCompany(113, 3));
  const runs = [
    await fixture.cli.run('sync', '--json'),
    await fixture.cli.run('history', '--json'),
    await fixture.cli.run('status'),
  ];
  expectExitCode(runs[0] as CliResult, 1);
  expect(server.requests()).toBeGreaterThan(2);
  const everything = [contentsOf([fixture.cli.path('scimsync.db')]), ...runs.map((run) => run.stdout + run.stderr)];
  expect(everything.join()).toContain('•••');
  for (const text of everything)
    for (const form of Object.values(repeated)) {
      // Base64 of the whole request begins somewhere in the secret: its middle is compared.
      expect(text).not.toContain(form(clientSecret));
      expect(text).not.toContain(form(clientSecret).slice(4, -4));
    }
});

/** Refuses every request with an error that contains it. */
async function repeatingServer(encode: (text: string) => string) {
  let requests = 0;
  const repeat = async (request: IncomingMessage): Promise<string> => {
    requests += 1;
    let body = '';
    for await (const chunk of request) body += String(chunk);
    return encode(`${request.headers.authorization ?? ''} ${body}`);
  };
  const server = createServer((request, response) => {
    void repeat(request).then((detail) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ detail, status: '400' })),
    );
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
