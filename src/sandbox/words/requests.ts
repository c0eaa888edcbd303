import { updateForm, type Profile, type UpdateForm } from '../../model/profile.ts';
import { errorAnswer } from '../answer.ts';
import { contentType } from '../body.ts';
import type { Habit } from '../application.ts';
import { isPatch, operationsOf } from '../operations.ts';
import type { Asked } from '../request.ts';
import { badRequest, ScimError } from '../scim-error.ts';

/** Requests that are refused as such: `headers`, `contentType`, `update`, `updateGroups`, `bodyBytes`, `operationsPerPatch`. */
export function requests({ speaks, allows }: Profile): Habit {
  return {
    judge(asked) {
      judgeHeaders(asked, speaks.headers);
      const { request } = asked;
      if (Buffer.byteLength(request.text) > allows.bodyBytes)
        throw new ScimError(413, `The body is larger than ${allows.bodyBytes} bytes.`);
      if (
        request.text !== '' &&
        speaks.contentType !== 'application/scim+json' &&
        contentType(request) !== speaks.contentType
      ) {
        throw new ScimError(415, `The content type must be ${speaks.contentType}.`);
      }
      if (asked.on === 'resource')
        judgeMethod(
          request.method,
          updateForm(speaks, asked.kind ?? 'User'),
          asked.kind === 'User' && speaks.reactivation === 'put',
        );
      if (
        isPatch(asked) &&
        allows.operationsPerPatch !== null &&
        operationsOf(asked.message).length > allows.operationsPerPatch
      ) {
        throw badRequest('invalidValue', `A PATCH may have ${allows.operationsPerPatch} operations.`);
      }
      return undefined;
    },
  };
}

/** Whether PATCH is served at all, of users or of groups. */
export function servesPatch({ speaks: { update, updateGroups } }: Profile): boolean {
  return [update, updateGroups].some((form) => form === 'auto' || form === 'patch');
}

function judgeHeaders({ request }: Asked, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (request.headers[name.toLowerCase()] !== value)
      throw new ScimError(400, `The header ${name} must be ${JSON.stringify(value)}.`);
  }
}

function judgeMethod(method: string, update: UpdateForm, reopensByPut: boolean): void {
  if (method === 'PATCH' && (update === 'put' || update === 'getThenPut'))
    throw new ScimError(501, 'There is no PATCH here: replace the whole resource by PUT.');
  if (method === 'PUT' && update === 'patch' && !reopensByPut)
    throw new ScimError(405, 'PUT is not possible here; PATCH is.', undefined, { allow: 'GET, PATCH, DELETE' });
}

/** A create that meets what is already there, as this application says it: `conflictStatuses`, `conflictWords`. */
export function conflicts({
  speaks: {
    conflictStatuses: [status = 409],
    conflictWords: [words],
  },
}: Profile): Habit {
  return {
    answer(answer, { request }) {
      if (request.method !== 'POST' || answer.status !== 409 || (status === 409 && words === undefined)) return answer;
      return errorAnswer(
        new ScimError(status, words ?? 'There is another one.', status === 409 ? 'uniqueness' : undefined),
      );
    },
  };
}
