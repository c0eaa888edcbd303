import { readFileSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { write } from '../output/streams.ts';
import { shells, shellScripts, type Shell } from './shell-scripts.ts';

/** `completion`: prints what a shell needs to complete command lines, and answers it, without state and secrets. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print the completion of a shell: source <(scimsync completion bash)')
    .addArgument(
      new Argument('<shell>', 'your shell; "words" is what its completion calls').choices([...shells, 'words']),
    )
    .argument('[words...]', 'after --: the words up to the cursor')
    .action(async (shell: Shell | 'words', words: readonly string[]) => {
      if (shell !== 'words') return write(1, shellScripts[shell]);
      const { candidates } = await import('./candidates.ts');
      const found = candidates(program, words, await targetNames(configurationIn(words)));
      write(1, found.map((word) => `${word}\n`).join(''));
    });
}

/** The file that a command line names, or the default one. */
function configurationIn(words: readonly string[]): string {
  const option = words.findLastIndex((word) => word === '-c' || word === '--config');
  return (option === -1 ? undefined : words[option + 1]) ?? 'sync.config.json';
}

/** Names of the targets in a configuration; none if it cannot be read. What is wrong, the command itself will state. */
async function targetNames(file: string): Promise<readonly string[]> {
  const { parseJson } = await import('../../config/parse/json.ts');
  try {
    const { targets } = parseJson(readFileSync(file, 'utf8')).value as { targets: readonly { name: string }[] };
    // A name with a control character would be two words, or none, for the shell.
    return targets.map(({ name }) => name).filter((name) => !/\p{Cc}/u.test(name));
  } catch {
    return [];
  }
}
