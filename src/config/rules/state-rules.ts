import { absolutePath } from '../absolute-path.ts';
import { errorAt } from '../issues.ts';
import type { ConfigRule } from './config-rule.ts';

const fileKeys = ['file', 'caFile', 'certFile', 'keyFile'];

/** The state, or its working copy, is written: a file that is named for another purpose, too, would be lost. */
export const stateHasItsOwnFile: ConfigRule = (draft, { file, folder }) => {
  const named = typeof draft.state === 'object' ? draft.state.postgres?.copy : draft.state;
  if (named === undefined) return [];
  const state = absolutePath(named, folder);
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
