import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { programPath } from '../../world/directory/servers/installed.ts';
import { root } from './installed-package.ts';

const deploy = join(root, 'config', 'deploy');
const read = (...path: readonly string[]): string => readFileSync(join(deploy, ...path), 'utf8');

// No engine builds the image here: these are the rules that matter of the usual checks, and some of our own.
describe('the Dockerfile', () => {
  const instructions = read('docker', 'Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));

  test('starts from bases that are pinned by their major version', () => {
    const bases = instructions.filter((line) => line.startsWith('FROM '));
    expect(bases).toHaveLength(3);
    for (const base of bases) expect(base).toMatch(/^FROM node:24-slim( AS [a-z]+)?$/);
  });

  test('runs as a user without rights, by number, with a health check, and without a shell', () => {
    const user = last.indexOf('USER 1000:1000');
    expect(user).toBeGreaterThan(0);
    expect(last.slice(user).filter((line) => /^(?:RUN|COPY|USER) (?!1000:1000)/.test(line))).toEqual([]);
    const forms = last.filter((line) => /^(?:HEALTHCHECK|ENTRYPOINT|CMD)\b/.test(line));
    expect(forms).toHaveLength(3);
    for (const form of forms) expect(JSON.parse(/\[.*\]$/.exec(form)?.[0] ?? '')).toEqual(expect.any(Array));
  });

  test('has no build tools in its last stage, and takes nothing from the network there', () => {
    expect(
      last.filter((line) => /\b(?:npm (?:ci|i|install|run)|apt-get|curl|wget|ADD|g\+\+|python)\b/.test(line)),
    ).toEqual([]);
    expect(last.find((line) => line.startsWith('RUN '))).toMatch(/rm -rf .*\/usr\/local\/bin\/npm /);
  });

  test('copies files that exist, and that the ignore file lets through', () => {
    const ignored = read('docker', 'Dockerfile.dockerignore').split('\n');
    const sources = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    for (const source of sources.map((path) => path.replace(/\/$/, ''))) {
      expect(existsSync(join(root, source))).toBe(true);
      expect(ignored).toContain(`!${source}`);
    }
    expect(ignored).toContain('*');
  });
});

test('the compose file gives the container a read-only file system, no capability, and a folder for the state', () => {
  const { services } = parse(read('docker', 'compose.yaml')) as { services: { scimsync: object } };
  expect(services.scimsync).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    tmpfs: ['/tmp'],
  });
  expect(read('docker', 'Dockerfile')).toContain('VOLUME /var/lib/scimsync\n');
});

const withAnalyze = programPath('systemd-analyze') === undefined ? test.skip : test;

withAnalyze('the unit is exposed less than 2.0 of 10 by the measure of systemd-analyze', () => {
  const unit = join(deploy, 'systemd', 'scimsync.service');
  const output = execFileSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit], {
    encoding: 'utf8',
  });
  expect(Number(/exposure level for .*: ([\d.]+)/.exec(output)?.[1])).toBeLessThan(2);
});

describe('the crontab', () => {
  const line = read('cron', 'scimsync')
    .split('\n')
    .find((text) => text.startsWith('*/15 '));
  const command = /^\S+ \S+ \S+ \S+ \S+ scimsync (.*)$/.exec(line ?? '')?.[1] ?? '';

  /** The output of the line, of which cron makes a mail, where scimsync ends like this. */
  function mailFor(exitCode: number): string {
    const folder = mkdtempSync(join(tmpdir(), 'scimsync-cron-'));
    try {
      writeFileSync(join(folder, 'scimsync'), `#!/bin/sh\necho "$@"\necho held >&2\nexit ${exitCode}\n`, {
        mode: 0o755,
      });
      return spawnSync('sh', ['-c', command], { encoding: 'utf8', env: { PATH: `${folder}:/usr/bin:/bin` } }).stdout;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('sends a mail with the exit code and the output, and only after a failure', () => {
    expect(mailFor(0)).toBe('');
    expect(mailFor(3)).toBe('exit code 3\n-c /etc/scimsync/sync.config.json sync\nheld\n');
    // cron turns a percent sign into a line break.
    expect(command).not.toContain('%');
  });
});
