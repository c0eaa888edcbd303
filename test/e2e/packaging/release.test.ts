import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { root } from './installed-package.ts';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'scimsync-release-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const repository = join(folder, 'repository');
const output = join(folder, 'output');
const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', repository, '-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
    encoding: 'utf8',
  });

/** Copies what a release needs to a repository of its own: the one under test may be in the middle of a change. */
function createRepository(): void {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
    .toString()
    .split('\n')
    .filter((file) => file !== '' && !file.startsWith('test/'));
  for (const file of files) cpSync(join(root, file), join(repository, file));
  symlinkSync(join(root, 'node_modules'), join(repository, 'node_modules'));
  writeFileSync(join(repository, '.gitignore'), 'node_modules\ndist/\n');
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=First');
}

const release = (...args: readonly string[]): string =>
  execFileSync(join(repository, 'scripts', 'release'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test('a dry run makes the files of a release, and leaves the repository as it was', () => {
  createRepository();
  const before = git('log', '--format=%H');
  expect(release('9.8.7', output, '--checked')).toMatch(/^dry run: /);
  expect([git('log', '--format=%H'), git('tag'), git('status', '--porcelain')]).toEqual([before, '', '']);
  const names = ['CHANGES.md', 'SHA256SUMS', 'scimsync-9.8.7.cdx.json', 'scimsync-9.8.7.tgz'];
  expect(readdirSync(output).sort()).toEqual([...names].sort());
  const sums = readFileSync(join(output, 'SHA256SUMS'), 'utf8').trim().split('\n');
  expect(sums).toHaveLength(3);
  for (const [sum, name] of sums.map((line) => line.split(/ {2}/)))
    expect(
      createHash('sha256')
        .update(readFileSync(join(output, name ?? '')))
        .digest('hex'),
    ).toBe(sum);
  const { bomFormat, components } = JSON.parse(readFileSync(join(output, 'scimsync-9.8.7.cdx.json'), 'utf8')) as {
    bomFormat: string;
    components: readonly { name: string }[];
  };
  const shipped = components.map(({ name }) => name);
  expect(bomFormat).toBe('CycloneDX');
  expect(shipped).toEqual(expect.arrayContaining(['better-sqlite3', 'undici', 'zod']));
  expect(shipped).not.toContain('jest');
});

test('with --execute, the branch gets a commit with the version everywhere, and a tag', () => {
  release('9.8.7', join(folder, 'executed'), '--checked', '--execute');
  expect(git('tag').trim()).toBe('v9.8.7');
  expect(git('show', 'v9.8.7:package.json')).toContain('"version": "9.8.7"');
  expect(git('show', 'v9.8.7:CHANGELOG.md')).toMatch(/^## 9\.8\.7 \(\d{4}-\d\d-\d\d\)$/m);
  expect(git('grep', '--name-only', '9\\.8\\.7').trim().split('\n').sort()).toEqual([
    'CHANGELOG.md',
    'config/deploy/helm/Chart.yaml',
    'config/deploy/helm/values.yaml',
    'config/deploy/kubernetes/cronjob.yaml',
    'config/deploy/kubernetes/deployment.yaml',
    'docs/installing.md',
    'package-lock.json',
    'package.json',
  ]);
});

test.each([[['1.2']], [['9.9.9']], [['0.0.1', 'out', '--checked']], [['9.8.7', 'out', '--checked']]])(
  'refuses %j',
  (args) => {
    expect(() => release(...args)).toThrow(/scripts\/release: /);
  },
);

describe('the workflow', () => {
  const { jobs, permissions } = parse(readFileSync(join(root, '.github', 'workflows', 'test.yml'), 'utf8')) as {
    permissions: object;
    jobs: Record<string, { steps: readonly { uses?: string; run?: string }[] }>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('may only read, and pins each action', () => {
    expect(permissions).toEqual({ contents: 'read' });
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.filter((name) => !/^actions\/[a-z-]+@(?:v\d+|[0-9a-f]{40})$/.test(name))).toEqual([]);
  });

  test('runs scripts that exist', () => {
    const scripts = steps.flatMap(({ run = '' }) => /^scripts\/\S+/.exec(run) ?? []);
    expect(scripts).toEqual(['scripts/test', 'scripts/installations']);
    for (const script of scripts) expect(readFileSync(join(root, script), 'utf8')).toMatch(/^#!\/usr\/bin\/env bash\n/);
  });
});
