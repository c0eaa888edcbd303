import { resolve } from 'node:path';
import { backUp } from '../../../store/backup/back-up.ts';
import { copyOptions, type Context, type ExitCode } from '../../context.ts';
import { requireWritableFolder } from '../../output/require-writable-folder.ts';
import { sizeText } from '../../print/format.ts';

/** `backup`: writes a copy of the state, also while a daemon works on it. */
export async function backupCommand(
  { config, console }: Context,
  file: string,
  { force }: { readonly force: boolean },
): Promise<ExitCode> {
  const path = resolve(file);
  requireWritableFolder(path);
  const bytes = backUp(config.state, path, { ...copyOptions(), overwrite: force });
  console.out(`Wrote ${path}: ${sizeText(bytes)}, checked. Restore it with "scimsync restore ${file}".`);
  return 0;
}
