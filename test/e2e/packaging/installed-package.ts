import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder of the project. */
export const root = join(import.meta.dirname, '..', '..', '..');

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** A file of the tarball, as npm lists it. */
export interface PackedFile {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

export interface InstalledPackage {
  /** A folder whose `node_modules` contains scimsync and its dependencies, and nothing else. */
  readonly folder: string;
  readonly files: readonly PackedFile[];
  /** Bytes of the tarball. */
  readonly size: number;
  [Symbol.dispose](): void;
}

/**
 * Packs the package and installs the tarball into an empty folder, without the registry: the dependencies are links to
 * those of the project. A package that is no dependency cannot be imported there.
 */
export function installPackage(): InstalledPackage {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-package-'));
  const packages = join(folder, 'node_modules');
  const output = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(output) as [{ filename: string; size: number; files: readonly PackedFile[] }];
  const unpacked = join(packages, 'scimsync');
  mkdirSync(unpacked, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, packed.filename), '--strip-components=1', '-C', unpacked]);
  const { bin, dependencies } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as Manifest;
  for (const name of Object.keys(dependencies)) link(join(root, 'node_modules', name), join(packages, name));
  for (const [name, path] of Object.entries(bin)) link(join(unpacked, path), join(packages, '.bin', name));
  return {
    folder,
    files: packed.files,
    size: packed.size,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
