import { coreUserSchema } from '../model/path.ts';
import { isBlank, member, readBody } from '../model/shape.ts';
import type { Body } from '../model/resource.ts';
import { decide, sentence } from '../scim/response.ts';
import { replaced } from './change.ts';
import { isInactive } from './cleanup.ts';
import { finding, undecided, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { isShown, type Reach } from './patching.ts';

/** What PUT does. */
export interface Put {
  readonly works: boolean;
  /** What happens to an attribute that it does not name; undefined: not known. */
  readonly wipes?: boolean;
}

const about = 'PUT';
const candidates = ['displayName', 'nickName', 'title', 'userType', 'externalId'];

/** Writes a whole person: as they are read with one change, then with one attribute and `active` left out. */
export async function putPerson(ground: Ground, canary: Canary, kept: Body): Promise<Put> {
  const plain = candidates.filter((path) => kept[path] !== undefined);
  const [changed, omitted] = plain;
  if (changed === undefined) {
    ground.book.note(
      undecided(
        about,
        'nothing that it shows of a person can be changed, so whether a PUT is understood cannot be seen',
      ),
    );
    return { works: false };
  }
  const shows = { [changed]: 'Put Canary' };
  const whole = await putWith(ground, canary, shows, []);
  if (decide(whole) !== 'accept') {
    ground.book.note(finding(about, `refused, ${sentence(whole)}`));
    return { works: false };
  }
  const works = isShown((await ground.readUntil(canary, (body) => isShown(body, shows))).body, shows);
  ground.book.note(
    finding(
      about,
      works ? `a whole person is taken (${whole.status})` : `answered ${whole.status}, and nothing is changed`,
    ),
  );
  if (!works) return { works };
  const wipes = omitted === undefined ? undefined : await leftOut(ground, canary, changed, omitted);
  if ('active' in kept) await withoutActive(ground, canary, { [changed]: 'Put Again' });
  return { works, ...(wipes === undefined ? {} : { wipes }) };
}

async function putWith(ground: Ground, canary: Canary, values: Body, without: readonly string[]) {
  const { body } = await ground.read(canary);
  const schemas = isBlank(member(body, 'schemas')) ? { schemas: [coreUserSchema] } : {};
  return ground.write('PUT', canary, replaced(body, { ...schemas, ...values }, without));
}

async function leftOut(ground: Ground, canary: Canary, changed: string, omitted: string): Promise<boolean | undefined> {
  const before = readBody((await ground.read(canary)).body, [omitted])[omitted];
  const reply = await putWith(ground, canary, { [changed]: 'Put Less' }, [omitted]);
  if (before === undefined || decide(reply) !== 'accept') {
    ground.book.note(undecided(about, `what it does to what is left out is not known: ${sentence(reply)}`));
    return undefined;
  }
  const wipes = isBlank(readBody((await ground.read(canary)).body, [omitted])[omitted]);
  ground.book.note(
    finding(about, wipes ? `what it does not name is wiped (${omitted})` : `what it does not name stays (${omitted})`),
  );
  return wipes;
}

async function withoutActive(ground: Ground, canary: Canary, values: Body): Promise<void> {
  const reply = await putWith(ground, canary, values, ['active']);
  if (decide(reply) !== 'accept') {
    ground.book.note(finding(about, `refused without active: ${sentence(reply)}`));
    return;
  }
  const closed = isInactive((await ground.read(canary)).body);
  ground.book.note(
    finding(
      about,
      closed
        ? 'without active it closes the account: active must always be sent'
        : 'without active an open account stays open',
    ),
  );
  if (closed) await putWith(ground, canary, { active: true }, []);
}

/** Which of PATCH and PUT a change is said by. */
export function judgeUpdate(put: Put, reach: Reach, saysPatch: boolean | undefined): readonly Finding[] {
  if (reach === 'all') return [];
  if (!put.works && reach === 'some')
    return [finding('update', 'people are changed by PATCH, as far as that goes: PUT is no better')];
  // Attributes may stay as they were made, and an account be closed by PATCH all the same: PUT is no way out where it is none.
  if (!put.works)
    return [
      {
        ...undecided('update', 'neither PATCH nor PUT is seen to change a person'),
        words: { speaks: { update: 'auto' } },
      },
    ];
  const form = put.wipes === false ? 'put' : 'getThenPut';
  const why =
    reach === 'some'
      ? ', which reaches everything'
      : saysPatch === true
        ? ', although it says of itself that it has PATCH'
        : '';
  return [
    finding(
      'update',
      `people are changed by PUT${form === 'getThenPut' ? ' of what was read, since it wipes what is not named' : ''}${why}`,
      { speaks: { update: form, ...(reach === 'some' ? { updateGroups: 'patch' as const } : {}) } },
    ),
  ];
}
