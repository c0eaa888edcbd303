import { isBlank, getIgnoringCase } from '../../model/scim-json.ts';
import type { Response } from '../transport/message.ts';

const maxDetailLength = 300;
const wrapperKeys = ['errors', 'error', 'Errors'];
const detailKeys = ['detail', 'description', 'message', 'error_description', 'error', 'title'];

/** The error detail of a response on one line, in the envelope of RFC 7644 section 3.12 or one of the common others. */
export function errorDetail(response: Response): string {
  if (isHtml(response)) return 'answered with a web page; is the URL that of the SCIM endpoint?';
  if (response.status >= 300 && response.status < 400)
    return `redirects to ${redirectHost(response)}; redirects are not followed: correct the URL`;
  const detail = detailOf(response.body) ?? response.text;
  const singleLine = detail.replace(/\s+/g, ' ').trim();
  return singleLine.length > maxDetailLength ? `${singleLine.slice(0, maxDetailLength)}…` : singleLine;
}

/** The scimType of an error (RFC 7644 section 3.12, table 9: `uniqueness`, `noTarget`, …), in lower case. */
export function scimTypeOf(response: Response): string | undefined {
  for (const envelope of envelopesOf(response.body)) {
    const type = getIgnoringCase(envelope, 'scimType');
    if (typeof type === 'string' && type !== '') return type.toLowerCase();
  }
  return undefined;
}

/** Whether the response is a web page, of a login form or a firewall: never a response of a SCIM server. */
export function isHtml({ body, text, headers }: Response): boolean {
  if (body !== undefined) return false;
  const type = headers['content-type'] ?? '';
  return /^\s*<(!doctype|html|head|body|\?xml)/i.test(text) || (text.trim() !== '' && /^text\/html\b/i.test(type));
}

function detailOf(body: unknown): string | undefined {
  for (const envelope of envelopesOf(body)) {
    if (typeof envelope === 'string') return envelope;
    for (const name of detailKeys) {
      const value = getIgnoringCase(envelope, name);
      if (typeof value === 'string' && !isBlank(value)) return value;
    }
  }
  return undefined;
}

/** The body and the objects wrapped in it, outermost first. */
function envelopesOf(body: unknown): readonly unknown[] {
  const inner = wrapperKeys.flatMap((name) => {
    const value = getIgnoringCase(body, name);
    return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
  });
  return [body, ...inner];
}

function redirectHost({ headers }: Response): string {
  const location = headers['location'] ?? '';
  return URL.canParse(location) ? new URL(location).host : 'another path of the same host';
}
