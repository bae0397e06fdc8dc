/** A command line that cannot be run. Its message names the wrong part and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The code to exit with: 2, or curl's codes 3 for a URL and 26 for a file. */
  readonly exitCode: 2 | 3 | 26;

  constructor(message: string, exitCode: 2 | 3 | 26 = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
