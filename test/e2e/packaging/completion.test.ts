import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createCliWorkspace, program } from '../../world/cli-workspace.ts';
import { programPath } from '../../world/directory/servers/installed.ts';

jest.setTimeout(60_000);

/** What each shell completes a line to, as it would for a person. */
const completions: Readonly<Record<string, (line: string) => string>> = {
  bash: (line) => `source <(scimsync completion bash)
    COMP_WORDS=(${line}); [[ '${line}' != *' ' ]] || COMP_WORDS+=(''); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _scimsync; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // Completion itself needs a terminal: its two functions are replaced by what prints their argument.
  zsh: (line) => `compdef() { :; }; compadd() { print -l -- $found }; _files() { :; }
    source <(scimsync completion zsh)
    words=(${line}); [[ '${line}' != *' ' ]] || words+=(''); CURRENT=\${#words}; _scimsync`,
  fish: (line) => `scimsync completion fish | source; complete --do-complete '${line}'`,
};

const installed = Object.keys(completions).filter((shell) => programPath(shell) !== undefined);

test.each(installed)('%s completes commands, options and the targets of the configuration', async (shell) => {
  await using workspace = createCliWorkspace({});
  mkdirSync(workspace.path('bin'));
  symlinkSync(program, workspace.path('bin/scimsync'));
  writeFileSync(workspace.path('other.json'), '{ "targets": [{ "name": "wiki" }, { "name": "mail" }], /* more */ }');
  const complete = (line: string): readonly string[] =>
    execFileSync(shell, ['-c', completions[shell]?.(line) ?? ''], {
      cwd: workspace.folder,
      encoding: 'utf8',
      env: { PATH: `${workspace.path('bin')}:${process.env['PATH'] ?? ''}`, HOME: workspace.folder, TERM: 'dumb' },
    })
      .trim()
      .split('\n');
  expect(complete('scimsync sandb')).toEqual(['sandbox']);
  expect(complete('scimsync plan --accept')).toEqual(['--accept-source']);
  expect([...complete('scimsync -c other.json sync --target ')].sort()).toEqual(['mail', 'wiki']);
  expect(complete('scimsync --config other.json pause w')).toEqual(['wiki']);
});
