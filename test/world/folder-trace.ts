import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that a command could leave behind in a folder: names, modes, owners, times and contents. */
export function traceOf(folder: string): Readonly<Record<string, unknown>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    ['.', ...names].map((name) => {
      const path = join(folder, name);
      const { mode, uid, mtimeMs, size } = lstatSync(path);
      const content = lstatSync(path).isFile() ? readFileSync(path).toString('base64') : undefined;
      return [name, { mode, uid, mtimeMs, size, content }];
    }),
  );
}
