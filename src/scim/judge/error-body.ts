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

/** Statuses by which a gateway states that the application behind it does not answer (RFC 9110 section 15.6). */
const gatewayStatuses: readonly number[] = [502, 503, 504];
/** Statuses of the web pages that gateways send for every path, besides 5xx. */
const pageStatuses: readonly number[] = [404, 405, 410];

/** Whether a gateway sent the response in place of the application: 502, 503, 504, or a web page about the path. */
export const isGatewayPage = (response: Response): boolean =>
  gatewayStatuses.includes(response.status) ||
  ((response.status >= 500 || pageStatuses.includes(response.status)) && isHtml(response));

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
