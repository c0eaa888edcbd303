import type { Settings, TypedSecrets } from '../draft-config.ts';
import { askSecret, type SecretAnswer } from '../dialogue/ask-secret.ts';
import type { Dialogue } from '../dialogue/dialogue.ts';
import { none, type Choice } from '../dialogue/question.ts';
import type { InitContext } from '../init-context.ts';

const kinds: readonly Choice[] = [
  { answer: 'bearer', note: 'a token' },
  { answer: 'oauth2', note: 'client id and client secret' },
  { answer: 'basic', note: 'user name and password' },
  { answer: 'header', note: 'an HTTP header of its own' },
  { answer: none, note: 'no credentials' },
];

/** The settings of `auth`, with what was typed. */
export interface AuthAnswers {
  readonly auth: Settings;
  readonly secrets: TypedSecrets;
}

/** Asks how scimsync authenticates at a target. @param verified the kinds that its profile is verified with */
export async function askAuth(context: InitContext, name: string, verified: readonly string[]): Promise<AuthAnswers> {
  const { dialogue } = context;
  const proposal = verified.find((kind) => kinds.some(({ answer }) => answer === kind)) ?? 'bearer';
  const type = await dialogue.ask({
    ...{ flag: '--auth', value: '<kind>', text: 'How does scimsync authenticate there?', proposal },
    ...{ choices: kinds, onlyChoices: true },
  });
  const secretOf = (what: string): Promise<SecretAnswer> =>
    askSecret(context, {
      ...{ flag: '--secret', what },
      names: {
        env: `${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_${what.toUpperCase().replace(' ', '_')}`,
        file: name,
      },
    });
  switch (type) {
    case 'bearer': {
      const { reference, secrets } = await secretOf('token');
      return { auth: { type, token: reference }, secrets };
    }
    case 'oauth2': {
      const tokenUrl = await askText(dialogue, '--token-url', '<url>', 'Which URL gives tokens?');
      const clientId = await askText(dialogue, '--client-id', '<id>', 'What is the client id?');
      const { reference, secrets } = await secretOf('client secret');
      const scope = await askText(dialogue, '--oauth-scope', '<scopes>', 'Which scopes are requested?', none);
      const audience = await askText(dialogue, '--audience', '<audience>', 'Which audience is requested?', none);
      return {
        auth: {
          ...{ type, tokenUrl, clientId, clientSecret: reference },
          ...(scope === none ? {} : { scope }),
          ...(audience === none ? {} : { audience }),
        },
        secrets,
      };
    }
    case 'basic': {
      const username = await askText(dialogue, '--username', '<name>', 'What is the user name?');
      const { reference, secrets } = await secretOf('password');
      return { auth: { type, username, password: reference }, secrets };
    }
    case 'header': {
      const headerName = await askText(dialogue, '--header-name', '<name>', 'What is the name of the header?');
      const { reference, secrets } = await secretOf('header value');
      return { auth: { type, name: headerName, value: reference }, secrets };
    }
    default:
      return { auth: { type: 'none' }, secrets: new Map() };
  }
}

const askText = (dialogue: Dialogue, flag: string, value: string, text: string, proposal?: string): Promise<string> =>
  dialogue.ask({ flag, value, text, proposal });
