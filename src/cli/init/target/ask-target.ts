import type { TargetConfig } from '../../../config/config.ts';
import { readProfile, type ProfileMetadata } from '../../../config/profiles/profiles.ts';
import { OperatorError } from '../../../model/errors.ts';
import { checkAccess, featuresOf, featuresText } from '../../facts/target-access.ts';
import { profileIo } from '../../package-folder.ts';
import { connect } from '../../wire.ts';
import type { Settings, TypedSecrets } from '../draft-config.ts';
import type { InitContext } from '../init-context.ts';
import { askAuth } from './ask-auth.ts';
import { proposeName, proposeProfile, type KnownProfile } from './propose-profile.ts';

/** What the questions about the target resulted in. */
export interface TargetAnswers {
  readonly target: Settings;
  readonly secrets: TypedSecrets;
}

/** Asks for the application, until it answers as a SCIM server. */
export async function askTarget(context: InitContext): Promise<TargetAnswers> {
  for (;;) {
    const answers = await askOnce(context);
    try {
      await testTarget(context, answers);
      return answers;
    } catch (error) {
      context.dialogue.retry(error);
    }
  }
}

async function askOnce(context: InitContext): Promise<TargetAnswers> {
  const { dialogue } = context;
  const url = await dialogue.ask({
    ...{ flag: '--target-url', value: '<url>', text: "What is the base URL of the application's SCIM endpoint?" },
    hint: 'Without /Users: https://wiki.example.com/scim/v2',
    check: (text) => (/^https?:\/\/[^/]/.test(text) && URL.canParse(text) ? undefined : 'must be an http(s) URL'),
  });
  const profiles = builtInProfiles();
  const profile = await dialogue.ask({
    ...{ flag: '--profile', value: '<name>', text: 'Which application is it?' },
    hint: `generic, if it is not one of these: ${profiles.map(({ name }) => name).join(', ')}`,
    proposal: proposeProfile(url, profiles) ?? 'generic',
    check(text) {
      const result = readProfile(text, { ...profileIo, folder: context.folder });
      return result.kind === 'wrong' ? `is not usable: ${result.message}` : undefined;
    },
  });
  const name = await dialogue.ask({
    ...{ flag: '--name', value: '<name>', text: 'What is its name in commands and messages?' },
    proposal: proposeName(url, profile),
    check: (text) =>
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text) ? undefined : 'must be letters, digits, ".", "_" and "-"',
  });
  const { auth, secrets } = await askAuth(context, name, aboutOf(profile, context.folder).auth ?? []);
  return { target: { name, ...(profile === 'generic' ? {} : { profile }), url, auth }, secrets };
}

/** Reads the ServiceProviderConfig and a page of users. @throws OperatorError */
async function testTarget({ dialogue, tryConfig }: InitContext, answers: TargetAnswers): Promise<void> {
  for (const config of tryConfig(answers).targets) {
    // A person waits: what does not answer at once is not tried again and again.
    const silent = new AbortController();
    const target = connect(config, undefined, undefined, (send) => async (request, sending) => {
      const result = await send(request, sending);
      if (result.kind !== 'response') silent.abort(unusable(config, `it does not answer (${result.detail})`));
      return result;
    });
    const signal = AbortSignal.any([dialogue.signal, silent.signal]);
    try {
      const discovery = await target.discover(signal);
      const access = await checkAccess(target, config.profile, signal);
      signal.throwIfAborted();
      if ('wrong' in access) throw unusable(config, access.wrong);
      dialogue.show(`${config.name}: ${config.url} answers, and ${access.can}`);
      const features = discovery === undefined ? undefined : featuresOf(discovery);
      dialogue.show(`${config.name}: ${featuresText(config.profile, features)}`);
    } finally {
      target.close();
    }
  }
}

const unusable = ({ url }: TargetConfig, why: string): OperatorError =>
  new OperatorError('init.targetUnusable', `${url} cannot be used: ${why}`);

/** The profiles that this version knows, the general one first. */
function builtInProfiles(): readonly KnownProfile[] {
  return profileIo
    .listFolder(profileIo.profilesFolder)
    .filter((file) => file.endsWith('.json') && file !== 'generic.json')
    .map((file) => file.replace(/\.json$/, ''))
    .sort()
    .map((name) => ({ name, url: aboutOf(name).url }));
}

function aboutOf(profile: string, folder?: string): ProfileMetadata {
  const result = readProfile(profile, { ...profileIo, ...(folder === undefined ? {} : { folder }) });
  return result.kind === 'profile' ? result.about : {};
}
