/** What supervises the daemon, such as systemd. It learns by messages what the daemon does. */
export interface Supervisor {
  /** The state is open, and the lanes run. Only the first call counts. */
  ready(): void;
  /** Another daemon works on the same state; this one takes over when that one ends. */
  standby(): void;
  /** A reload of the configuration begins. */
  reloading(): void;
  /** The reload has ended, whether or not the configuration was accepted. */
  reloaded(): void;
  passEnded(exit: PassExit): void;
  /** @param reason in one sentence, without secrets */
  passFailed(reason: string): void;
  /** The daemon is alive. Resolves when the supervisor knows. */
  alive(): Promise<void>;
  /** The daemon ends. Resolves when the supervisor knows. */
  stopping(): Promise<void>;
}

/** The exit codes of a pass. */
type PassExit = 0 | 1 | 2 | 3 | 4;

/** Sends the lines of one message, and never rejects. Messages arrive in the order of the calls. */
export type SendMessage = (lines: readonly string[]) => Promise<void>;

/**
 * Reports to a supervisor what the daemon does, in the messages of sd_notify(3).
 *
 * @param monotonicMicroseconds the time of CLOCK_MONOTONIC
 */
export function createSupervisor(send: SendMessage, monotonicMicroseconds: () => bigint): Supervisor {
  let isReady = false;
  let lastStatus = '';
  // Passes that follow each other within seconds mostly end in the same way.
  const sendStatus = (status: string): void => {
    if (status === lastStatus) return;
    lastStatus = status;
    void send([statusLine(status)]);
  };
  return {
    ready() {
      if (isReady) return;
      isReady = true;
      lastStatus = 'the first pass is running';
      void send(['READY=1', statusLine(lastStatus)]);
    },
    standby() {
      if (!isReady) void send(['READY=1']);
      isReady = true;
      sendStatus('a standby: another worker works');
    },
    // The end of a reload is READY=1, which a daemon that is still starting must not send.
    reloading() {
      if (isReady) void send(['RELOADING=1', `MONOTONIC_USEC=${monotonicMicroseconds()}`]);
    },
    reloaded() {
      if (isReady) void send(['READY=1']);
    },
    passEnded: (exit) => sendStatus(statusAfter[exit]),
    passFailed: (reason) => sendStatus(`the last pass failed: ${reason}`),
    alive: () => send(['WATCHDOG=1']),
    stopping: () => send(['STOPPING=1', statusLine('completing the requests in flight')]),
  };
}

const incomplete = 'something failed or was not sent in the last pass: see "scimsync status"';

const statusAfter: Readonly<Record<PassExit, string>> = {
  0: 'the last pass left nothing to do',
  1: incomplete,
  2: incomplete,
  3: 'something waits for a decision: see "scimsync status"',
  4: incomplete,
};

const maxStatusLength = 300;

/** A line break would begin another field of the message. */
const statusLine = (status: string): string => `STATUS=${status.replace(/\s+/g, ' ').slice(0, maxStatusLength)}`;
