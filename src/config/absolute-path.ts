import { isAbsolute, join, normalize } from 'node:path';

/** A file name of the configuration, made absolute: relative names start from the configuration file's folder. */
export function absolutePath(file: string, folder: string): string {
  return isAbsolute(file) ? normalize(file) : join(folder, file);
}
