import type { Instant } from '../../model/ids.ts';

/** What a command changed in the state that concerns the lanes of a running daemon. */
export interface Notice {
  readonly command: 'pause' | 'resume' | 'freeze' | 'unfreeze' | 'approve';
  /** Undefined: it concerns all targets. */
  readonly target: string | undefined;
}

/** A notice with its number; later ones have higher numbers. */
export interface NumberedNotice extends Notice {
  readonly id: number;
}

/** What commands report to a daemon that works on the same state. */
export interface NoticeView {
  /** The notices after this one, in order. Synchronous and cheap: lanes ask between two operations. */
  after(id: number): readonly NumberedNotice[];
}

/** Notices that commands leave. */
export interface Notices extends NoticeView {
  /** Leaves a notice with the change that it is about. */
  leave(notice: Notice, at: Instant): Promise<void>;
}
