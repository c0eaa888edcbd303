import { isBlank, getIgnoringCase } from '../../model/scim-json.ts';
import type { Response } from '../transport/message.ts';

const maxDetailLength = 300;
const wrapperKeys = ['errors', 'error', 'Errors'];
const detailKeys = ['detail', 'description', 'message', 'error_description', 'error', 'title'];

/** What a server says about its refusal, on one line, whatever envelope it came in (RFC 7644 section 3.12 is one of many). */
export function errorDetail(response: Response): string {
  if (isHtml(response)) return 'answered with a web page; is the URL that of the SCIM endpoint?';
  if (response.status >= 300 && response.status < 400)
    return `redirects to ${redirectHost(response)}; requests are not sent on to other places: correct the URL`;
  const detail = detailOf(response.body) ?? response.text;
  const singleLine = detail.replace(/\s+/g, ' ').trim();
  return singleLine.length > maxDetailLength ? `${singleLine.slice(0, maxDetailLength)}…` : singleLine;
}

/** RFC 7644 section 3.12, table 9: `uniqueness`, `noTarget`, …; in lower case. */
export function scimTypeOf(response: Response): string | undefined {
  for (const envelope of envelopesOf(response.body)) {
    const type = getIgnoringCase(envelope, 'scimType');
    if (typeof type === 'string' && type !== '') return type.toLowerCase();
  }
  return undefined;
}

/** A log-in page or a firewall's page: never an answer to a SCIM request. */
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

/** The body and what is wrapped in it, outermost first. */
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
