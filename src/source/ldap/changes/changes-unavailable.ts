/**
 * The server does not report changes to this account, or not from this bookmark: the next read has to be a full one.
 */
export class ChangesUnavailable extends Error {
  override readonly name: string = 'ChangesUnavailable';
}

/** The server has not reached the bookmark: it was restored from a backup, or is a replica that lags behind. */
export class ServerBehind extends ChangesUnavailable {}

/** With more changes than this, a full read costs hardly more than an incremental one. */
export const maxChanges = 20_000;
