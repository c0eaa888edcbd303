import type { Body } from '../model/resource.ts';
import { isBlank, readBody } from '../model/shape.ts';
import type { Reply } from '../scim/message.ts';
import { decide, sentence } from '../scim/response.ts';
import { finding, undecided, type Finding } from './finding.ts';
import { formsFor, opForms, patchOf, type Form, type FormName } from './forms.ts';
import { fateOf } from './keeping.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';

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
  for (const form of opForms(plain)) if ((await tryOut(ground, canary, form, effects)) === 'unsupported') return effects;
  const spell = (op: string): string => (isTitle(effects) ? `${op[0]?.toUpperCase() ?? ''}${op.slice(1)}` : op);
  for (const form of formsFor(kept, plain, spell)) await tryOut(ground, canary, form, effects);
  await manyOperations(ground, canary, plain, effects);
  return effects;
}

async function tryOut(ground: Ground, canary: Canary, form: Form, effects: Map<FormName, Effect>): Promise<Effect> {
  const { effect, reply } = await attempt(ground, canary, form);
  effects.set(form.name, effect);
  ground.book.note(finding(about, `${form.sentence}: ${said(effect, reply)}`));
  return effect;
}

const counts = [10, 2];

/** How many operations one PATCH may have; more than ten were not tried. */
async function manyOperations(ground: Ground, canary: Canary, plain: string, effects: Effects): Promise<void> {
  if (pathsOf(effects) !== 'always') return;
  const op = isTitle(effects) ? 'Replace' : 'replace';
  for (const count of counts) {
    const last = `operation ${count} of ${count}`;
    const operations = Array.from({ length: count }, (_, at) => ({ op, path: plain, value: `operation ${at + 1} of ${count}` }));
    const { effect, reply } = await attempt(ground, canary, { operations, shows: { [plain]: last } });
    ground.book.note(finding(about, `${count} operations in one: ${said(effect, reply)}`, effect === 'works' && count < 10 ? { allows: { operationsPerPatch: count } } : undefined));
    if (effect === 'works') return;
  }
  ground.book.note(finding(about, 'one operation in each', { allows: { operationsPerPatch: 1 } }));
}

async function attempt(ground: Ground, canary: Canary, form: Pick<Form, 'operations' | 'shows'>): Promise<{ readonly effect: Effect; readonly reply: Reply }> {
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
export function judgePatch(effects: Effects, saysPatch: boolean | undefined): readonly Finding[] {
  if (effects.size === 0) return [];
  const paths = pathsOf(effects);
  if (paths === undefined) return [finding(about, 'no form of PATCH is understood', { speaks: { update: 'put' } })];
  const op = isTitle(effects) ? 'title' : 'lower';
  const how = { always: 'with a path each', nested: 'without a path, as an object', dotted: 'without a path, by dotted keys' }[paths];
  return [
    finding(about, `changes are said ${how}, op in ${op === 'title' ? 'title' : 'lower'} case`, { speaks: { patchOps: op, patchPaths: paths } }),
    ...(saysPatch === false ? [finding(about, 'PATCH is understood although it says of itself that it has none', { speaks: { update: 'patch' } })] : []),
    ...judgeElements(effects),
    ...(isBroken(effects, 'extensionPath') && isBroken(effects, 'nestedExtension') ? [finding(about, 'the enterprise attributes cannot be changed by PATCH')] : []),
  ];
}

const isTitle = (effects: Effects): boolean => effects.get('lower') !== 'works' && effects.get('title') === 'works';
const isBroken = (effects: Effects, name: FormName): boolean => effects.has(name) && effects.get(name) !== 'works';

/** With a path wherever that is understood everywhere; else by whatever else is. */
function pathsOf(effects: Effects): 'always' | 'nested' | 'dotted' | undefined {
  const works = (name: FormName): boolean => effects.get(name) === 'works';
  const always = works('lower') || works('title');
  const nestedIsBetter = works('nested') && isBroken(effects, 'extensionPath') && works('nestedExtension');
  if (always && !nestedIsBetter) return 'always';
  if (works('nested')) return 'nested';
  return works('dotted') ? 'dotted' : undefined;
}

function judgeElements(effects: Effects): readonly Finding[] {
  if (!isBroken(effects, 'valuePath')) return [];
  const how = effects.get('wholeList') === 'works' ? 'elements of lists are changed by replacing the list' : 'elements of lists cannot be changed by PATCH';
  return [finding(about, how, { speaks: { valuePaths: false } })];
}
