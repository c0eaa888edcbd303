/**
 * How far a directory had come when it was read, by its own count. A position never goes back, unless the server was
 * restored from a backup or is a replica that lags behind.
 */
export interface SourcePosition {
  /**
   * OpenLDAP: the last change sequence number of each server id, by naming context and server id (`contextCSN`). All
   * replicas count the same changes.
   */
  readonly csns?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** 389 Directory Server: the last number of the retro changelog, by URL. Each server counts for itself. */
  readonly changeNumbers?: Readonly<Record<string, number>> | undefined;
  /**
   * Active Directory: `highestCommittedUSN` of a database, by domain controller. A database that was restored has
   * another invocationId, and counts again from the backup ([MS-ADTS] 3.1.1.1.9).
   */
  readonly controllers?: Readonly<Record<string, ControllerPosition>> | undefined;
}

/** The position of one domain controller. */
export interface ControllerPosition {
  readonly invocation: string;
  /** A decimal number of up to 64 bits. */
  readonly usn: string;
}

/** The positions that a source is known to have reached: those of servers that were not asked now stay. */
export function mergePositions(
  before: SourcePosition | undefined,
  now: SourcePosition | undefined,
): SourcePosition | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  return {
    csns: now.csns ?? before.csns,
    changeNumbers: { ...before.changeNumbers, ...now.changeNumbers },
    controllers: { ...before.controllers, ...now.controllers },
  };
}
