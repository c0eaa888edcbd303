declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/**
 * The immutable id of a user or group in the source: employee number, entryUUID, objectGUID. Never a DN or an e-mail.
 */
export type SourceKey = Brand<string, 'SourceKey'>;

/** The `id` that a target assigned to a resource (RFC 7643 section 3.1). Opaque; percent-encoded in a URL. */
export type RemoteId = Brand<string, 'RemoteId'>;

/** Milliseconds since 1970-01-01T00:00Z. */
export type Instant = Brand<number, 'Instant'>;

/** Marks a text as the key of a source record. */
export const sourceKey = (text: string): SourceKey => text as SourceKey;
/** Marks a text as the id of a resource at a target. */
export const remoteId = (text: string): RemoteId => text as RemoteId;
/** Marks a number of milliseconds since 1970 as a point in time. */
export const instant = (milliseconds: number): Instant => milliseconds as Instant;
