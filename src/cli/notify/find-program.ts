import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { ChannelAnswer } from '../../notify/channel.ts';

/** Where a program with a slash in its name is; others are searched in PATH. @param folder absolute */
export const programPath = (program: string, folder: string): string =>
  program.includes('/') && !isAbsolute(program) ? join(folder, program) : program;

/** Looks whether a program exists and may be run. Runs nothing. */
export function findProgram(program: string, folder: string, path: string): ChannelAnswer {
  const name = programPath(program, folder);
  const places = name.includes('/') ? [name] : path.split(delimiter).map((one) => join(one, name));
  const found = places.find(isExecutable);
  return found === undefined
    ? { kind: 'failed', detail: `${name} is no program that this user may run` }
    : { kind: 'accepted', detail: `${found} can be run; it was not started` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
