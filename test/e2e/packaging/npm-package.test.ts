import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { createCompany } from '../../world/company.ts';
import { createFixture } from '../../world/fixture.ts';
import { installPackage, root } from './installed-package.ts';

jest.setTimeout(60_000);

const installed = installPackage();
afterAll(() => installed[Symbol.dispose]());

/** Of the application of the running test. */
let token = '';

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the folder of the installation. */
function run(file: string, ...args: readonly string[]): Promise<Run> {
  const env = { PATH: process.env['PATH'], HOME: installed.folder, APP_TOKEN: token, npm_config_offline: 'true' };
  return new Promise((done) => {
    execFile(file, args, { cwd: installed.folder, env }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('the tarball', () => {
  test('contains the program and what an operator reads, and no file of the development', () => {
    const paths = installed.files.map(({ path }) => path);
    const expected = ['dist/cli/main.js', 'dist/cli/page-process.js', 'dist/LICENSES.txt', 'config/sync.schema.json'];
    expect(paths).toEqual(expect.arrayContaining([...expected, 'README.md', 'CHANGELOG.md', 'LICENSE']));
    expect(paths.filter((path) => /^(?:src|test|scripts|\.)|\.map$|\.tsx?$(?<!\.d\.ts)|\.db$/.test(path))).toEqual([]);
    expect(installed.size).toBeLessThan(2_000_000);
  });

  test('contains the program as an executable for node', () => {
    const path = 'dist/cli/main.js';
    expect(installed.files.find((file) => file.path === path)?.mode).toBe(0o755);
    expect(readFileSync(join(installed.folder, 'node_modules', 'scimsync', path), 'utf8')).toMatch(
      /^#!\/usr\/bin\/env node\n/,
    );
  });

  test('depends on packages with permissive licenses only', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; license?: string }>;
    };
    const used = Object.entries(lock.packages).filter(([, entry]) => entry.dev !== true);
    expect(used.length).toBeGreaterThan(20);
    const permissive = /^(?:MIT(?:-0)?|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0)$/;
    expect(used.filter(([, { license = '' }]) => !permissive.test(license)).map(([path]) => path)).toEqual([]);
  });
});

describe('the package, installed from its tarball', () => {
  test('starts by npx', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await run('npx', '--no', '--', 'scimsync', '--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test('plans and synchronises with its own profiles, migrations and page', async () => {
    await using fixture = await createFixture();
    token = fixture.server.token;
    fixture.cli.export(createCompany(3, 4));
    const scimsync = (...args: readonly string[]): Promise<Run> =>
      run('node_modules/.bin/scimsync', '-c', fixture.cli.path('sync.config.json'), ...args);
    expect(await scimsync('plan', '--html', fixture.cli.path('plan.html'))).toMatchObject({ code: 0 });
    expect(readFileSync(fixture.cli.path('plan.html'), 'utf8')).toContain('<html');
    expect(await scimsync('sync')).toMatchObject({ code: 0 });
    expect(fixture.server.users.size).toBe(4);
  });

  test.each(['20.20.2', '18.0.0', '22.11.0'])(
    'states on Node.js %s what to install, and loads nothing else',
    async (version) => {
      const versions = `{ ...process.versions, node: '${version}' }`;
      const pretend = `Object.defineProperty(process, 'versions', { value: ${versions} })`;
      const main = join('node_modules', 'scimsync', 'dist', 'cli', 'main.js');
      const result = await run(
        process.execPath,
        `--import=data:text/javascript,${encodeURIComponent(pretend)}`,
        main,
        'check',
      );
      expect(result).toEqual({
        code: 1,
        stdout: '',
        stderr:
          `scimsync needs Node.js 22.12 or newer; this is ${version}. Install a newer one, or one for this folder: ` +
          'npm install node@24, then npx scimsync\n',
      });
      expect(readFileSync(join(installed.folder, main), 'utf8')).not.toMatch(/^import\b/m);
    },
  );
});
