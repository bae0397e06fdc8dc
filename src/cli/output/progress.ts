/** How far a download has come. */
export interface Pace {
  readonly total: number | undefined;
  readonly bytesPerSecond: number;
}

/** How far a body has been written: what the command line's requests emit. */
export class Progress {
  readonly status: number;
  readonly bytes: number;
  /** Where it is a download that goes on. */
  readonly pace: Pace | undefined;

  constructor(status: number, bytes: number, pace?: Pace) {
    this.status = status;
    this.bytes = bytes;
    this.pace = pace;
  }
}
