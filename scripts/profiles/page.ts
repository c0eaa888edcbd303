import { code, list, prose, table } from './markdown.ts';
import { sections, listSettings, type Schema, type ProfileFile } from './settings.ts';

/** A built-in profile, as it stands in its file. */
export interface BuiltInProfile extends ProfileFile {
  readonly name: string;
  readonly description?: string;
  readonly url?: string;
  readonly auth?: readonly string[];
  readonly sources?: readonly string[];
  readonly notes?: readonly string[];
  readonly verifiedOn?: string;
  readonly supportLevel?: string;
  readonly misbehaviours?: readonly number[];
}

/** docs/profiles.md, from the JSON Schema of a profile and the built-in profiles, of which `generic` is one. */
export function profilesPage(schema: Schema, builtIns: readonly BuiltInProfile[]): string {
  const generic = builtIns.find(({ name }) => name === 'generic');
  if (generic === undefined) throw new Error('there is no profile generic');
  const others = builtIns
    .filter((profile) => profile !== generic)
    .toSorted((one, other) => one.name.localeCompare(other.name));
  const words = listSettings(schema, generic).map(({ name, meaning, choices, defaultValue }) => [
    `\`${name}\``,
    prose(meaning),
    choices.map(code).join(', '),
    defaultValue === undefined ? '' : code(defaultValue),
  ]);
  return (
    [
      introduction,
      '## Every word',
      table(['word', 'meaning', 'one of', 'generic'], words),
      '## What is built in',
      table(
        ['profile', 'support level', 'verified on', 'differs from generic in'],
        [generic, ...others].map(profileRow),
      ),
      ...[generic, ...others].map(profileSection),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

function profileRow(profile: BuiltInProfile): readonly string[] {
  return [
    `[${profile.name}](#${profile.name})`,
    profile.supportLevel ?? '',
    profile.verifiedOn ?? '',
    profile.name === 'generic' ? 'is what the others extend' : changedSettings(profile),
  ];
}

function changedSettings(profile: BuiltInProfile): string {
  const words = sections.flatMap((part) => Object.keys(profile[part] ?? {}));
  return words.length === 0 ? 'nothing' : words.map((word) => `\`${word}\``).join(', ');
}

function profileSection(profile: BuiltInProfile): string {
  const {
    name,
    description = '',
    url,
    auth = [],
    notes = [],
    sources = [],
    misbehaviours = [],
    supportLevel = '',
    verifiedOn = '',
  } = profile;
  const facts = [
    ...(url === undefined ? [] : [`Base URL: ${/^https?:\S+$/.test(url) ? `\`${url}\`` : prose(url)}`]),
    auth.length === 0 ? 'Credentials: not known' : `Credentials: ${auth.map((kind) => `\`${kind}\``).join(', ')}`,
    `Support level: ${supportLevel}, verified on ${verifiedOn}`,
    ...(misbehaviours.length === 0 ? [] : [`Misbehaviours that the sandbox plays: ${misbehaviours.join(', ')}`]),
  ];
  const words =
    name === 'generic'
      ? []
      : sections.flatMap((part) =>
          Object.entries(profile[part] ?? {}).map(([word, value]) => [`\`${part}.${word}\``, code(value)]),
        );
  return [
    `### ${name}`,
    prose(description),
    facts.map((fact) => `- ${fact}`).join('\n'),
    ...(notes.length === 0 ? [] : ['What an administrator should know:', list(notes)]),
    ...(words.length === 0 ? [] : [table(['word', 'value'], words)]),
    'Sources:',
    list(sources),
  ].join('\n\n');
}

const introduction = `# Profiles

<!-- Written by "npm run schema" from config/profile.schema.json and config/profiles; change those. -->

How an application speaks SCIM is data: a profile. What the application can keep stands under \`supports\`, how it is said to it and what its answers mean under
\`protocol\`, its pace and its sizes under \`limits\`. No application is known to the program itself, and a built-in profile can do nothing that one of your own cannot.

\`\`\`json
"profile": "slack"
\`\`\`

What stands in the configuration wins over the profile, the profile over discovery (ServiceProviderConfig), discovery over the default.

## A profile of one's own

It stands in place of the name, or in a file whose name ends in \`.json\` (\`"profile": "./slack-grid.json"\`, from the folder of the configuration), and holds
the words that differ. Whatever it leaves out comes from the profile that it \`extends\`, and in the end from \`generic\`;
a list or an object takes the place of the inherited one (but each of \`protocol.endpoints\` is inherited by itself).

\`\`\`json
"profile": {
  "extends": "slack",
  "name": "slack-grid",
  "supports": { "unsupportedAttributes": ["title"] },
  "limits": { "requestsPerSecond": 2 }
}
\`\`\`

\`name\` is what messages call it. It may also say what it is: \`description\`, \`url\` (what the base URL looks like), \`auth\` (which credentials it takes), \`sources\`
(where each word comes from), \`notes\` (what an administrator should know), \`verifiedOn\` (a date) and \`supportLevel\`. None of these changes anything, nor does
\`"$schema": "…/config/profile.schema.json"\`, by which an editor completes a profile that is a file of its own.

Of an application that nobody documented, \`scimsync probe NAME --write FILE\` finds the words out, with accounts of its own that it removes again; name the
file that it writes. \`scimsync sandbox --profile NAME\` plays an application that behaves as a profile says, to rehearse against. \`misbehaviours\` holds the numbers
of the misbehaviours that it shows beside what the words say; \`scimsync sandbox --list-misbehaviours\` tells what each number is. Only standing habits are
numbered there. What happens by accident (a token that lacks a verb, an account that another customer holds) is in the notes.

## Support levels

| level | what it means |
|---|---|
| documented | the words that differ from \`generic\` come from the vendor's documentation, unless a source or a note says otherwise |
| seen in code | they come from the application's own code, or from code that its vendor wrote for it |
| probed | \`scimsync probe\` found them out at the date that it bears |
| untested against the vendor | hardly anything is public: take it as \`generic\`, and probe |

No level says that somebody tried it with the vendor. What was not found in any source is not claimed: there the word is that of \`generic\`. A word that is a
caution and not a fact says so in the notes.`;
