/** A body that goes to the terminal that the attempts are shown on: where it has left the cursor. */
export class BodyOnScreen {
  #midLine = false;

  /** Whether what is written next would stand in the body's last line. */
  get midLine(): boolean {
    return this.#midLine;
  }

  readonly written = (data: string | Uint8Array): void => {
    this.#midLine = data.at(-1) !== '\n' && data.at(-1) !== 10;
  };
}
