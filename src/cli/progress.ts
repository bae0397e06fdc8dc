/** How far a body has been written: what the command line's requests emit. */
export class Progress {
  readonly status: number;
  readonly bytes: number;

  constructor(status: number, bytes: number) {
    this.status = status;
    this.bytes = bytes;
  }
}
