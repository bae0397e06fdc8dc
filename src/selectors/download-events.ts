/** How far a download has come. */
export interface DownloadProgress {
  readonly type: 'progress';
  /** How many bytes are there. */
  readonly loaded: number;
  /** How many there will be, where the server says it. */
  readonly total: number | undefined;
  /** How fast they come; the last seconds weigh most. */
  readonly bytesPerSecond: number;
  /** What a later download can go on with, as `from` says; absent where the server gives nothing that proves a part to be of the same. */
  readonly validator: string | undefined;
  /**
   * Where the bytes came from: the URL that answered, after redirects. It is without user, password and fragment, and of a presigned URL
   * without its signature and what goes with it.
   */
  readonly url: string;
}

/** A download is done, and written. */
export interface DownloadDone extends Omit<DownloadProgress, 'type'> {
  readonly type: 'done';
}

/** A download is done. */
export interface DownloadedBytes extends DownloadDone {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where an earlier download, of another process even, broke off. */
export interface DownloadPart {
  /** How many bytes of it there are. */
  readonly loaded: number;
  /** What the server gave with them. */
  readonly validator: string;
  /**
   * The URL that they came from, as the earlier progress gave it: behind a redirect that leads elsewhere now, the download starts over.
   *
   * @default the first URL that is tried
   */
  readonly url?: string | undefined;
}
