import { absolutePath } from '../absolute-path.ts';
import { errorAt } from '../issues.ts';
import type { ConfigRule } from './config-rule.ts';

const fileKeys = ['file', 'caFile', 'certFile', 'keyFile'];

/** The state is written, so a file that the configuration names for another purpose would be lost. */
export const stateHasItsOwnFile: ConfigRule = (draft, { file, folder }) => {
  if (draft.state === undefined) return [];
  const state = absolutePath(draft.state, folder);
  const use =
    state === file ? 'the configuration itself' : findUse(draft, '', (text) => absolutePath(text, folder) === state);
  if (use === undefined) return [];
  return [
    errorAt(
      'config.stateIsOtherFile',
      ['state'],
      `names the file of ${use}; the state needs a file of its own, for example "./scimsync.db"`,
    ),
  ];
};

/** The path of the first key below `value` that names such a file. */
function findUse(value: unknown, at: string, isSame: (text: string) => boolean): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const path = Array.isArray(value) ? `${at}[${name}]` : at === '' ? name : `${at}.${name}`;
    if (fileKeys.includes(name) && typeof part === 'string' && isSame(part)) return path;
    const use = findUse(part, path, isSame);
    if (use !== undefined) return use;
  }
  return undefined;
}
