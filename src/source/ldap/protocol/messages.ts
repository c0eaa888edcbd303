import { BerError, BerReader, berBoolean, berElement, berInteger, berOctets, tags } from './ber.ts';
import type { ResponseControl, Control } from './controls.ts';
import type { Filter } from './filter.ts';

/** A search request, RFC 4511 section 4.5.1. */
export interface Search {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter;
  /** Empty: all user attributes; `1.1`: no attributes (RFC 4511 4.5.1.8). */
  readonly attributes: readonly string[];
  readonly controls?: readonly Control[];
  /** The longest time without bytes from the server, in ms; undefined: no limit, for persistent searches. */
  readonly timeoutMs: number | undefined;
}

/** One message of a search result before its end, RFC 4511 section 4.5.2. */
export type SearchItem =
  /** The content of a SearchResultEntry, for `readEntry`. */
  | { readonly kind: 'entry'; readonly bytes: Buffer; readonly controls: readonly ResponseControl[] }
  | { readonly kind: 'reference'; readonly urls: readonly string[] }
  | { readonly kind: 'intermediate'; readonly name: string | undefined; readonly value: Buffer | undefined };

/** The end of a search result, RFC 4511 section 4.1.9. */
export interface SearchDone {
  /** RFC 4511 4.1.9. */
  readonly code: number;
  readonly matchedDn: string;
  readonly message: string;
  readonly referrals: readonly string[];
  readonly controls: readonly ResponseControl[];
}

/** One message of a search result. */
export type SearchMessage = SearchItem | ({ readonly kind: 'done' } & SearchDone);

/** A compare request, RFC 4511 section 4.10. */
export interface Compare {
  readonly dn: string;
  readonly attribute: string;
  readonly value: string;
  /** As in a search. */
  readonly timeoutMs: number;
}

const protocolOp = {
  searchRequest: 0x63,
  entry: 0x64,
  done: 0x65,
  reference: 0x73,
  intermediate: 0x79,
  abandon: 0x50,
  compareRequest: 0x6e,
  compareResponse: 0x6f,
  controls: 0xa0,
  referral: 0xa3,
  extended: 0x78,
  responseName: 0x8a,
} as const;
const scopes = { base: 0, one: 1, sub: 2 } as const;

/** Sets no sizeLimit and no timeLimit: with a limit of the client, a truncated result can look complete. */
export function searchRequest(id: number, { base, scope, filter, attributes, controls = [] }: Search): Buffer {
  const request = berElement(
    protocolOp.searchRequest,
    berOctets(base),
    berInteger(scopes[scope], tags.enumerated),
    berInteger(0, tags.enumerated),
    berInteger(0),
    berInteger(0),
    berBoolean(false),
    filter.ber,
    berElement(tags.sequence, ...attributes.map((name) => berOctets(name))),
  );
  const encodedControls = controls.map(({ oid, critical, value }) =>
    berElement(tags.sequence, berOctets(oid), berBoolean(critical), ...(value === undefined ? [] : [berOctets(value)])),
  );
  return berElement(
    tags.sequence,
    berInteger(id),
    request,
    ...(encodedControls.length === 0 ? [] : [berElement(protocolOp.controls, ...encodedControls)]),
  );
}

export const compareRequest = (id: number, { dn, attribute, value }: Compare): Buffer =>
  berElement(
    tags.sequence,
    berInteger(id),
    berElement(
      protocolOp.compareRequest,
      berOctets(dn),
      berElement(tags.sequence, berOctets(attribute), berOctets(value)),
    ),
  );

/** RFC 4511 4.11. */
export const abandonRequest = (id: number, abandoned: number): Buffer =>
  berElement(tags.sequence, berInteger(id), berInteger(abandoned, protocolOp.abandon));

/** @throws BerError */
export function messageIdOf(message: Buffer): number {
  return new BerReader(message).inside(tags.sequence).integer();
}

/** Decodes a response to a search. @throws BerError for any other operation */
export function readSearchMessage(message: Buffer): SearchMessage {
  const reader = new BerReader(message).inside(tags.sequence);
  reader.integer();
  const tag = reader.peek() ?? -1;
  const content = reader.element(tag);
  const controls =
    reader.peek() === protocolOp.controls ? readControls(reader.inside(protocolOp.controls)) : noControls;
  switch (tag) {
    case protocolOp.entry:
      return { kind: 'entry', bytes: content, controls };
    case protocolOp.reference:
      return { kind: 'reference', urls: texts(new BerReader(content)) };
    case protocolOp.intermediate:
      return readIntermediate(new BerReader(content));
    case protocolOp.done:
      return { kind: 'done', ...readResult(new BerReader(content)), controls };
    default:
      // The success of another operation must not look like the end of the search.
      throw new BerError(`element 0x${tag.toString(16)} in response to a search`);
  }
}

/** Decodes the response to a comparison. @throws BerError for any other operation */
export function readCompareResponse(message: Buffer): SearchMessage {
  const reader = new BerReader(message).inside(tags.sequence);
  reader.integer();
  return { kind: 'done', ...readResult(reader.inside(protocolOp.compareResponse)), controls: noControls };
}

/** The OID of the Notice of Disconnection (RFC 4511 4.4.1). */
const disconnection = '1.3.6.1.4.1.1466.20036';

/**
 * Decodes an unsolicited notification (RFC 4511 4.4).
 *
 * @returns the diagnostic message of a Notice of Disconnection; undefined for any other notification, which is ignored
 * @throws BerError
 */
export function readDisconnectNotice(message: Buffer): string | undefined {
  const reader = new BerReader(message).inside(tags.sequence);
  reader.integer();
  const response = reader.inside(protocolOp.extended);
  const { message: diagnosticMessage } = readResult(response);
  const name = response.peek() === protocolOp.responseName ? response.text(protocolOp.responseName) : disconnection;
  return name === disconnection ? diagnosticMessage : undefined;
}

const noControls: readonly ResponseControl[] = [];

function readResult(reader: BerReader): Omit<SearchDone, 'controls'> {
  const code = reader.integer(tags.enumerated);
  const matchedDn = reader.text();
  const message = reader.text();
  return {
    code,
    matchedDn,
    message,
    referrals: reader.peek() === protocolOp.referral ? texts(reader.inside(protocolOp.referral)) : [],
  };
}

function readIntermediate(reader: BerReader): SearchItem {
  const name = reader.peek() === 0x80 ? reader.text(0x80) : undefined;
  return { kind: 'intermediate', name, value: reader.peek() === 0x81 ? reader.octets(0x81) : undefined };
}

function readControls(reader: BerReader): readonly ResponseControl[] {
  const all: ResponseControl[] = [];
  while (!reader.isAtEnd) {
    const control = reader.inside(tags.sequence);
    const oid = control.text();
    if (control.peek() === tags.boolean) control.boolean();
    all.push({ oid, value: control.peek() === tags.octetString ? control.octets() : undefined });
  }
  return all;
}

function texts(reader: BerReader): readonly string[] {
  const all: string[] = [];
  while (!reader.isAtEnd) all.push(reader.text());
  return all;
}
