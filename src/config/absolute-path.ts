import { isAbsolute, join, normalize } from 'node:path';

/** A path of the configuration, made absolute: relative paths start from the folder of the configuration file. */
export function absolutePath(file: string, folder: string): string {
  return isAbsolute(file) ? normalize(file) : join(folder, file);
}
