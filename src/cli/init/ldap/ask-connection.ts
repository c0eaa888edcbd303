import { resolve } from 'node:path';
import { askSecret } from '../dialogue/ask-secret.ts';
import { none } from '../dialogue/question.ts';
import type { Settings, TypedSecrets } from '../draft-config.ts';
import type { InitContext } from '../init-context.ts';

/** The settings of a directory that concern its connection. */
export interface ConnectionAnswers {
  readonly settings: Settings;
  readonly secrets: TypedSecrets;
}

/** Asks for the server and the account. */
export async function askConnection(context: InitContext): Promise<ConnectionAnswers> {
  const { dialogue, fileName } = context;
  const url = await dialogue.ask({
    ...{ flag: '--ldap-url', value: '<url>', text: 'What is the URL of the directory?' },
    hint: 'ldaps://dc1.corp.example, or ldap:// for StartTLS',
    check: (text) =>
      /^ldaps?:\/\/[^/]/i.test(text) && URL.canParse(text) ? undefined : 'must be ldaps://HOST or ldap://HOST',
  });
  const isPlain = url.toLowerCase().startsWith('ldap:');
  const startTls =
    isPlain &&
    (await dialogue.ask({
      ...{ flag: '--start-tls', value: 'yes | no', text: 'Encrypt the connection by StartTLS?', proposal: 'yes' },
      ...{ choices: [{ answer: 'yes' }, { answer: 'no' }], onlyChoices: true },
    })) === 'yes';
  const caFile =
    isPlain && !startTls
      ? none
      : await dialogue.ask({
          ...{ flag: '--ca-file', value: '<file>', proposal: none },
          text: "Which file has the CA of the directory's certificate (PEM)?",
          hint: `"${none}" for a CA that this system trusts`,
        });
  const dn = await dialogue.ask({
    ...{ flag: '--bind-dn', value: '<dn>', text: 'Which account reads the directory?' },
    hint: `A DN; on Active Directory also reader@corp.example; "${none}" to read anonymously`,
  });
  const settings = {
    ...{ type: 'ldap', url },
    ...(startTls ? { startTls } : {}),
    ...(caFile === none ? {} : { tls: { caFile: fileName(resolve(caFile)) } }),
  };
  if (dn === none) return { settings, secrets: new Map() };
  const { reference, secrets } = await askSecret(context, {
    ...{ flag: '--bind-password', what: 'password of this account' },
    names: { env: 'LDAP_PASSWORD', file: 'directory' },
  });
  return { settings: { ...settings, bind: { dn, password: reference } }, secrets };
}
