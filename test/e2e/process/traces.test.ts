import { expect, jest, test } from '@jest/globals';
import { createCliWorkspace, type CliWorkspace } from '../../world/cli-workspace.ts';
import { createCompany } from '../../world/company.ts';
import { configuration, expectExitCode, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';
import { resourceOf, spansOf, startTraceReceiver, type ReceivedSpan } from '../../world/trace-receiver.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

function workspace(server: StrictServer, env: Readonly<Record<string, string>>): CliWorkspace {
  const cli = createCliWorkspace({ APP_TOKEN: server.token, ...env });
  cli.configure({
    ...configuration([target(server.url, { guard: unlimitedGuard })]),
    schedule: '* * * * * *',
  });
  return cli;
}

/** Prints on standard error whether a package of OpenTelemetry was loaded. */
const reportPackages =
  '--import=data:text/javascript,' +
  encodeURIComponent(
    "import { registerHooks } from 'node:module';" +
      'let loaded = 0;' +
      "registerHooks({ load(url, context, next) { if (url.includes('@opentelemetry')) loaded += 1;" +
      'return next(url, context); } });' +
      "process.on('exit', () => console.error('packages of OpenTelemetry: ' + (loaded > 0)));",
  );

test('the spans of a pass have its structure, and name no person, secret or filter', async () => {
  await using server = await startStrictServer();
  await using receiver = await startTraceReceiver();
  await using cli = workspace(server, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_TIMEOUT: '10000',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=collector-key',
    OTEL_SERVICE_NAME: 'identity',
    NODE_OPTIONS: reportPackages,
  });
  const company = createCompany(31, 3);
  cli.export(company);
  const { code, stderr } = await cli.start('sync', '--user', [...company.people.values()][0]?.userName ?? '').exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('packages of OpenTelemetry: true') });

  const { requests } = receiver;
  expect(requests[0]).toMatchObject({
    path: '/v1/traces',
    headers: { 'content-type': 'application/json', 'x-api-key': 'collector-key' },
  });
  expect(resourceOf(requests)).toEqual({
    'service.name': 'identity',
    'service.version': expect.any(String),
  });
  const spans = spansOf(requests);
  const [pass, read, lane, plan] = ['pass', 'read', 'lane', 'plan'].map((name) => only(spans, name));
  expect(pass).toMatchObject({ parentSpanId: undefined, attributes: { 'scimsync.exit_code': 0 } });
  expect(read).toMatchObject({ parentSpanId: pass?.spanId, attributes: { 'scimsync.users': 3 } });
  expect(lane).toMatchObject({
    parentSpanId: pass?.spanId,
    attributes: { 'scimsync.target': 'app', 'scimsync.lane.end': 'ended', 'scimsync.succeeded': 1 },
  });
  expect(plan).toMatchObject({ parentSpanId: lane?.spanId, attributes: { 'scimsync.operations': 1 } });
  expect(only(spans, 'POST /Users')).toMatchObject({
    parentSpanId: lane?.spanId,
    isError: false,
    attributes: {
      ...{ 'http.request.method': 'POST', 'http.response.status_code': 201 },
      ...{ 'url.template': '/Users', 'scimsync.target': 'app' },
    },
  });
  const sent = requests.map(({ body }) => body.toString()).join('\n');
  const people = [...company.people.values()].flatMap(({ userName, familyName }) => [userName, familyName]);
  for (const text of [server.token, 'filter', cli.folder, server.url, ...people]) expect(sent).not.toContain(text);
});

test('a daemon exports in protobuf by default, what a failing target answers included', async () => {
  await using server = await startStrictServer();
  await using receiver = await startTraceReceiver();
  await using cli = workspace(server, {
    ...{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/traces`, OTEL_BSP_SCHEDULE_DELAY: '50' },
    APP_TOKEN: 'expired',
  });
  cli.export(createCompany(32, 2));
  const daemon = cli.start('daemon');
  const isReceived = (text: string): boolean => receiver.requests.some(({ body }) => body.includes(text));
  await waitUntil('the trace', () => isReceived('scimsync.exit_code') && isReceived('http.response.status_code'));
  expect(receiver.requests[0]).toMatchObject({
    path: '/traces',
    headers: { 'content-type': 'application/x-protobuf' },
  });
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});

test('a collector that does not answer stops nothing, and is reported once', async () => {
  await using server = await startStrictServer();
  await using cli = workspace(server, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
  });
  cli.export(createCompany(33, 20));
  const { code, stderr } = await cli.start('sync').exited;
  expect({ code, users: server.users.size }).toEqual({ code: 0, users: 20 });
  expect(stderr.split('traces cannot be exported')).toHaveLength(2);
});

test('without the variables, no package of OpenTelemetry is loaded', async () => {
  await using server = await startStrictServer();
  await using cli = workspace(server, {
    ...{ OTEL_SERVICE_NAME: 'identity', OTEL_TRACES_SAMPLER: 'always_on', NODE_OPTIONS: reportPackages },
  });
  cli.export(createCompany(34, 2));
  for (const command of ['sync', '--help'])
    expect((await cli.start(command).exited).stderr).toContain('packages of OpenTelemetry: false');
});

function only(spans: readonly ReceivedSpan[], name: string): ReceivedSpan | undefined {
  const found = spans.filter((span) => span.name === name);
  expect(found.map((span) => span.name)).toEqual([name]);
  return found[0];
}
