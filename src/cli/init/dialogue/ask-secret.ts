import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { secretFiles } from '../../../config/secrets/secret-files.ts';
import { readSecret, type SecretReference } from '../../../config/secrets/secrets.ts';
import type { TypedSecrets } from '../draft-config.ts';
import type { InitContext } from '../init-context.ts';
import type { Choice } from './question.ts';

/** What is asked for a secret. */
export interface SecretQuestion {
  readonly flag: string;
  /** "token", "password". */
  readonly what: string;
  /** The names that are proposed for the environment variable and the file. */
  readonly names: { readonly env: string; readonly file: string };
}

/** Where a secret is, and what a person typed for a file that is not written yet. */
export interface SecretAnswer {
  readonly reference: SecretReference;
  readonly secrets: TypedSecrets;
}

/** Asks where a secret is. It is never an argument: other users of the machine can see those. */
export async function askSecret(context: InitContext, { flag, what, names }: SecretQuestion): Promise<SecretAnswer> {
  const { dialogue, folder } = context;
  const fromEnv = `env:${names.env}`;
  const isSet = (process.env[names.env] ?? '') !== '';
  const file = freeFile(folder, names.file);
  const typing: Choice = {
    answer: 'type',
    note: `type it now; it is written to ${context.fileName(file)}, which only you can read`,
  };
  const answer = await dialogue.ask({
    ...{ flag, value: 'env:<name> | file:<path>', text: `Where is the ${what}?`, isSecret: true },
    hint: 'env:NAME names an environment variable, file:PATH a file; the configuration holds only the name.',
    choices: [
      { answer: fromEnv, note: isSet ? 'the environment variable, which is set' : 'an environment variable' },
      ...(dialogue.hasPerson ? [typing] : []),
    ],
    ...(isSet ? { proposal: fromEnv } : dialogue.hasPerson ? { proposal: 'type' } : {}),
    check: (text) => problemWith(text, dialogue.hasPerson),
  });
  if (answer !== 'type') return { reference: referenceOf(answer, context), secrets: new Map() };
  for (;;) {
    const secret = await dialogue.askSecret(`The ${what}`);
    const problem = secretProblem(secret);
    if (problem === undefined)
      return { reference: { file: context.fileName(file) }, secrets: new Map([[file, secret]]) };
    dialogue.show(`  The ${what} ${problem}.`);
  }
}

/** Proposals never name an existing file: it may hold the secret of another application. */
function freeFile(folder: string, name: string): string {
  for (let number = 1; ; number += 1) {
    const file = resolve(folder, 'secrets', number === 1 ? name : `${name}-${number}`);
    if (!existsSync(file)) return file;
  }
}

function referenceOf(answer: string, { fileName }: InitContext): SecretReference {
  return answer.startsWith('env:') ? { env: answer.slice(4) } : { file: fileName(resolve(answer.slice(5))) };
}

function problemWith(answer: string, hasPerson: boolean): string | undefined {
  if (answer === 'type' && hasPerson) return undefined;
  const [, kind, place = ''] = /^(env|file):(.+)$/.exec(answer) ?? [];
  if (kind === undefined) return 'must be env:NAME or file:PATH: the secret itself never is on the command line';
  const reference = kind === 'env' ? { env: place } : { file: resolve(place) };
  const result = readSecret(reference, { secretFiles, env: process.env, folder: '.' });
  return result.kind === 'secret' ? undefined : `cannot be used: ${result.message}`;
}

function secretProblem(secret: string): string | undefined {
  if (secret.trim() === '') return 'is empty';
  return /[\u0000-\u001f\u007f]/.test(secret) ? 'contains a control character' : undefined;
}
