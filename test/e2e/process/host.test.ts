import { expect, jest, test } from '@jest/globals';
import { createCompany } from '../../world/company.ts';
import { createFixture } from '../../world/fixture.ts';

jest.setTimeout(60_000);

// The other tests run most command lines in a host process (test/world/cli-host.ts).
test.each([
  [['--version']],
  [['--help']],
  [['sync', '--unknown']],
  [['check']],
  [['plan', '--json']],
  [['sync', '--config', 'missing.json']],
  [['sync', '--target', 'unknown']],
])('%j: a process of its own has the same output and exit code as the host process', async (args) => {
  await using fixture = await createFixture();
  fixture.cli.export(createCompany(3, 4));
  const hosted = await fixture.cli.run(...args);
  const own = await fixture.cli.start(...args).exited;
  const comparable = ({ code, signal, stdout, stderr }: typeof own): object => ({
    code,
    signal,
    stdout,
    stderr: stderr.replace(/"(?:time|ms|duration\w*)":("[^"]*"|[\d.]+)/g, ''),
  });
  expect(comparable(hosted)).toEqual(comparable(own));
});
