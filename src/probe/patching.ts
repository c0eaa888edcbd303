import type { Body } from '../model/resource.ts';
import { isBlank, readBody } from '../model/shape.ts';
import type { Reply } from '../scim/message.ts';
import { decide, sentence } from '../scim/response.ts';
import { finding, undecided, type Finding } from './finding.ts';
import { formsFor, patchOf, type Form, type FormName } from './forms.ts';
import { fateOf } from './keeping.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import type { Discovery } from '../scim/discovery.ts';

/** What came of one form. Only what a read shows counts: a success may be none. */
export type Effect = 'works' | 'refused' | 'silent' | 'unsupported';

export type Effects = ReadonlyMap<FormName, Effect>;

const about = 'PATCH';
const candidates = ['title', 'displayName', 'nickName', 'name.familyName', 'externalId'];

/** Tries each form of PATCH on one person. @returns what each did; empty where nothing could be tried */
export async function patchForms(ground: Ground, canary: Canary, kept: Body): Promise<Effects> {
  const effects = new Map<FormName, Effect>();
  const plain = candidates.find((path) => kept[path] !== undefined);
  if (plain === undefined) {
    ground.book.note(undecided(about, 'nothing that it shows of a person can be changed, so whether a PATCH is understood cannot be seen'));
    return effects;
  }
  for (const form of formsFor(kept, plain)) {
    const { effect, reply } = await attempt(ground, canary, form);
    effects.set(form.name, effect);
    ground.book.note(finding(about, `${form.sentence}: ${said(effect, reply)}`));
    if (effect === 'unsupported') break;
  }
  return effects;
}

async function attempt(ground: Ground, canary: Canary, form: Form): Promise<{ readonly effect: Effect; readonly reply: Reply }> {
  const reply = await ground.write('PATCH', canary, patchOf(form.operations));
  const decision = decide(reply);
  if (decision === 'unsupported') return { effect: 'unsupported', reply };
  if (decision !== 'accept') return { effect: 'refused', reply };
  const read = await ground.readUntil(canary, (body) => isShown(body, form.shows));
  return { effect: isShown(read.body, form.shows) ? 'works' : 'silent', reply };
}

/** Whether a resource shows these values, in any case and however it punctuates them. */
export function isShown(resource: unknown, shows: Form['shows']): boolean {
  const body = readBody(resource, Object.keys(shows));
  return Object.entries(shows).every(([path, value]) => {
    if (value === null) return isBlank(body[path]);
    return ['kept', 'case', 'punctuation'].includes(fateOf(value, body[path]));
  });
}

function said(effect: Effect, reply: Reply): string {
  switch (effect) {
    case 'works':
      return `understood (${reply.status})`;
    case 'silent':
      return `answered ${reply.status}, and nothing is changed`;
    case 'refused':
    case 'unsupported':
      return `refused, ${sentence(reply)}`;
  }
}

/** Which words say a change of a person so that it is understood. */
export function judgePatch(effects: Effects, discovery: Pick<Discovery, 'patch'> | undefined): readonly Finding[] {
  const works = (name: FormName): boolean => effects.get(name) === 'works';
  const tried = (name: FormName): boolean => effects.has(name);
  if (effects.size === 0) return [];
  const usable = works('lower') || works('title') || works('nested') || works('dotted');
  if (!usable) return [finding(about, 'no form of PATCH is understood', { speaks: { update: 'put' } })];
  const title = !works('lower') && works('title');
  const noExtensionPath = tried('extensionPath') && !works('extensionPath') && works('nestedExtension') && works('nested');
  const paths = (works('lower') || title) && !noExtensionPath ? 'always' : works('nested') ? 'nested' : works('dotted') ? 'dotted' : 'always';
  const valuePaths = !tried('valuePath') || works('valuePath');
  return [
    finding(about, `changes are said ${paths === 'always' ? 'with a path each' : paths === 'nested' ? 'without a path, as an object' : 'without a path, by dotted keys'}, op in ${title ? 'title case' : 'lower case'}`, {
      speaks: { patchOps: title ? 'title' : 'lower', patchPaths: paths, ...(discovery?.patch === false ? { update: 'patch' as const } : {}) },
    }),
    ...(discovery?.patch === false ? [finding(about, 'PATCH is understood although it says of itself that it has none')] : []),
    ...(valuePaths ? [] : [finding(about, works('wholeList') ? 'elements of lists are changed by replacing the list' : 'elements of lists cannot be changed by PATCH', { speaks: { valuePaths: false } })]),
    ...(tried('extensionPath') && !works('extensionPath') && !works('nestedExtension') ? [finding(about, 'the enterprise attributes cannot be changed by PATCH')] : []),
  ];
}
