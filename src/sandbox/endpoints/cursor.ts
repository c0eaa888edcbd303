import { badRequest } from '../http/scim-error.ts';

/** An opaque cursor for the position of the next page (RFC 9865 section 2). */
export function encodeCursor(skip: number): string {
  return Buffer.from(`after ${skip}`).toString('base64url');
}

/** @param cursor empty for the first page. @throws ScimError 400 invalidCursor */
export function decodeCursor(cursor: string): number {
  if (cursor === '') return 0;
  const match = /^after (\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (match === null)
    throw badRequest('invalidCursor', `${JSON.stringify(cursor)} is not a cursor of this application.`);
  return Number(match[1]);
}
