/** The progress of a download. */
export interface DownloadProgress {
  readonly type: 'progress';
  /** The number of bytes that have arrived, those of an earlier download included. */
  readonly loaded: number;
  /** The length of the whole in bytes; `undefined` if the server does not announce it. */
  readonly total: number | undefined;
  /** The throughput: a mean in which the last seconds weigh most. */
  readonly bytesPerSecond: number;
  /**
   * The strong entity tag or date of this version, with which a later download can resume (`from`). It is `undefined`
   * if the response has neither.
   */
  readonly validator: string | undefined;
  /**
   * The URL that the bytes came from, after redirects, without user, password and fragment. A presigned URL is also
   * without its signature and the other parameters that grant access.
   */
  readonly url: string;
}

/** The end of a download whose bytes were all written to `to`. */
export interface DownloadDone extends Omit<DownloadProgress, 'type'> {
  readonly type: 'done';
}

/** The end of a download into memory, with its bytes. */
export interface DownloadedBytes extends DownloadDone {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The part that an earlier download has written before it broke off, in this process or another. */
export interface DownloadPart {
  /** The number of bytes of the part. */
  readonly loaded: number;
  /** The `validator` of the earlier progress. */
  readonly validator: string;
  /**
   * The `url` of the earlier progress. If a redirect leads to another URL now, the download starts over.
   *
   * @default the URL of the first attempt
   */
  readonly url?: string | undefined;
}
