import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../../../src/model/evidence.ts';
import { evidenceOf } from '../../../src/model/outcome.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Protocol } from '../../../src/model/profile.ts';
import { memberRefs, members, never, operationContext, remove, target, update } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Scripted } from '../scripted-server.ts';

const knownResource = { userName: 'ada', externalId: 'k1', active: true };
const closing: Operation = { ...update('ada', [['active', true, false]], knownResource), action: 'deactivate' };
const account = (active: boolean, id = 'id-ada'): Scripted => ({ body: { id, ...knownResource, active } });
const gone = refusal(404);
const empty: Scripted = { status: 204 };

interface Answers {
  readonly PATCH?: Scripted;
  readonly PUT?: Scripted;
  readonly DELETE?: Scripted;
  readonly GET?: Scripted;
  readonly search?: Scripted;
}

/** Each way in which one removal can end: `done` with its evidence, or `notFound`, which a read and a look-up prove. */
describe('a removal ends with its evidence', () => {
  test.each<[string, Operation, Answers, Partial<Protocol>, [kind: string, evidence: Evidence | undefined]]>([
    ['204', closing, { PATCH: empty }, {}, ['done', 'answered']],
    ['the answer shows it', closing, { PATCH: account(false) }, {}, ['done', 'shown']],
    [
      'the answer is old, a read shows it',
      closing,
      { PATCH: account(true), GET: account(false) },
      {},
      ['done', 'read'],
    ],
    ['404, and a read shows it inactive', closing, { PATCH: gone, GET: account(false) }, {}, ['done', 'read']],
    ['404, and it is missing', closing, { PATCH: gone }, {}, ['notFound', 'read']],
    ['404 of an application that hides it', closing, { PATCH: gone }, { inactiveUsers: 'notFound' }, ['done', 'read']],
    ['200, hidden', closing, { PATCH: account(false) }, { inactiveUsers: 'notFound' }, ['done', 'shown']],
    ['deactivated by DELETE', closing, { DELETE: empty }, { deactivation: 'delete' }, ['done', 'answered']],
    ['204 to DELETE', remove('ada'), { DELETE: empty }, {}, ['done', 'answered']],
    ['404 to DELETE, and it is missing', remove('ada'), { DELETE: gone }, {}, ['notFound', 'read']],
    ['404 to DELETE, inactive', remove('ada'), { DELETE: gone, GET: account(false) }, {}, ['done', 'read']],
    [
      'DELETE refused, deactivated, and the answer shows it',
      remove('ada'),
      { DELETE: refusal(405), PATCH: account(false) },
      {},
      ['done', 'shown'],
    ],
    [
      'DELETE refused, deactivated, and a read shows it',
      remove('ada'),
      { DELETE: refusal(405), PATCH: empty, GET: account(false) },
      {},
      ['done', 'read'],
    ],
    [
      'DELETE refused, deactivated, and no read answers',
      remove('ada'),
      { DELETE: refusal(405), PATCH: empty, GET: refusal(403) },
      {},
      ['done', 'answered'],
    ],
    ['a contradiction is no end', closing, { PATCH: account(true), GET: account(true) }, {}, ['rejected', undefined]],
    ['an unproven 404 is no end', closing, { PATCH: gone, GET: refusal(403) }, {}, ['rejected', undefined]],
    ['of a membership: 204', members([], ['a']), { PATCH: empty }, {}, ['done', 'answered']],
    [
      'of a membership: a read shows it',
      members([], ['a']),
      { PATCH: empty, GET: { body: { id: 'id-eng', members: [] } } },
      { verifyWrites: 'always' },
      ['done', 'read'],
    ],
  ])('%s', async (_, operation, answers, protocol, expected) => {
    await using server = await scriptedServer(({ method, url }) =>
      url.includes('filter=') ? (answers.search ?? page([])) : (answers[method as keyof Answers] ?? gone),
    );
    using app = target(server.url, { protocol });
    const context = operationContext(operation, { knownResource, members: memberRefs('a') });
    const { outcome } = await app.perform(context, never);
    if (outcome.kind === 'existing' || outcome.kind === 'needsMembers') throw new Error(outcome.kind);
    expect([outcome.kind, evidenceOf(outcome)]).toEqual(expected);
  });
});
