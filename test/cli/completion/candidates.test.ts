import { expect, test } from '@jest/globals';
import { Argument, Command, Option } from 'commander';
import { candidates } from '../../../src/cli/completion/candidates.ts';

const program = new Command('scimsync')
  .option('-c, --config <file>')
  .addOption(new Option('--log-level <level>').choices(['info', 'warn']));
program.command('plan').option('--full').option('--target <name...>').option('--at <time>');
program.command('hidden', { hidden: true });
program.command('copy').option('--from <target>');
program.command('pause').argument('<target>').option('--reason <text>');
program.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
const target = program.command('target');
target.command('rename').argument('<old>').argument('<new>');
target.command('forget').argument('<name>');

test.each<[string, readonly string[]]>([
  ['', ['plan', 'copy', 'pause', 'completion', 'target', 'help']],
  ['p', ['plan', 'pause']],
  ['plan --', ['--full', '--target', '--at', '--config', '--log-level', '--help']],
  ['plan --t', ['--target']],
  ['plan --target ', ['wiki', 'chat']],
  ['plan --target wiki c', ['chat']],
  ['copy --from w', ['wiki']],
  ['plan --target wiki --f', ['--full']],
  ['plan --at ', []],
  ['-c other.json p', ['plan', 'pause']],
  ['-c ', []],
  ['--log-level ', ['info', 'warn']],
  ['pause w', ['wiki']],
  ['pause wiki --reason w', []],
  ['target ', ['rename', 'forget', 'help']],
  ['target rename ', ['wiki', 'chat']],
  ['completion b', ['bash']],
  ['unknown --', ['--config', '--log-level', '--help']],
])('scimsync %s', (line, expected) => {
  expect(candidates(program, line.split(' '), ['wiki', 'chat'])).toEqual(expected);
});
