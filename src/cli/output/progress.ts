/** The total size and speed of a running download. */
export interface Transfer {
  /** The size of the whole download in bytes, if the server announced it. */
  readonly total: number | undefined;
  readonly bytesPerSecond: number;
}

/** The progress of writing a body: the value that the requests of the command line emit. */
export class Progress {
  /** The HTTP status of the response. */
  readonly status: number;
  /** The number of bytes written so far. */
  readonly bytes: number;
  /** Only while a download into a file runs. */
  readonly transfer: Transfer | undefined;

  constructor(status: number, bytes: number, transfer?: Transfer) {
    this.status = status;
    this.bytes = bytes;
    this.transfer = transfer;
  }
}
