import type { FailureReason } from '../retry/attempt.js';

/**
 * A HAR 1.2 file. Fields that begin with `_` are of this package; readers that do not know them pass over them.
 *
 * @see {@link http://www.softwareishard.com/blog/har-12-spec/ | HAR 1.2}
 */
export interface Har {
  readonly log: HarLog;
}

/** The content of a HAR file. */
export interface HarLog {
  readonly version: '1.2';
  readonly creator: { readonly name: string; readonly version: string };
  /** One for each request, in the order in which they were subscribed to. */
  readonly pages: readonly HarPage[];
  /** One for each sending, in the order in which they began. */
  readonly entries: readonly HarEntry[];
}

/** A request with all its attempts. */
export interface HarPage {
  /** When it was subscribed to, as ISO 8601. */
  readonly startedDateTime: string;
  /** The same as `pageref` of its entries. */
  readonly id: string;
  /** Method and URL. */
  readonly title: string;
  readonly pageTimings: { readonly onContentLoad: -1; readonly onLoad: number };
  readonly _requestId: string;
  /** The `name` of the client. */
  readonly _client?: string;
  /** How it ended; absent while it is under way. */
  readonly _outcome?: 'success' | 'failure' | 'cancel';
  /** Why nothing more was tried. */
  readonly _reason?: FailureReason;
  /** The time since it was subscribed to, in ms, of a request that has ended. */
  readonly _total?: number;
  /** The gate that let no further attempt in, and what it said. */
  readonly _rejected?: { readonly gate?: string; readonly error: string };
  /** Since when, in ms after the start, and by which gate attempts were held. */
  readonly _holds?: readonly HarHold[];
}

/** A gate held an attempt. */
export interface HarHold {
  readonly gate: string;
  /** The number of the attempt. */
  readonly attempt: number;
  /** In ms after the start of the request. */
  readonly start: number;
  /** Until it was sent, or the request ended, in ms. */
  readonly duration: number;
}

/** A name and a value. */
export interface HarField {
  readonly name: string;
  readonly value: string;
}

/** One sending of an attempt. */
export interface HarEntry {
  readonly pageref: string;
  /** When the attempt could have been sent, as ISO 8601: what gates held it for is part of the entry, in `blocked`. */
  readonly startedDateTime: string;
  /** The sum of the timings that are not -1, in ms. */
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: Readonly<Record<string, never>>;
  /** In ms. */
  readonly timings: {
    /** The time that gates held the attempt. */
    readonly blocked: number;
    /** Always 0: no platform tells it apart from the wait. */
    readonly send: 0;
    /** Until the headers came; without any, until the sending ended. */
    readonly wait: number;
    /** The body, where a selector reads it. */
    readonly receive: number;
  };
  readonly _resourceType: 'fetch';
  readonly _attempt: {
    /** 1 for the first. */
    readonly number: number;
    /** The number of attempts in all; absent without a limit. */
    readonly of?: number;
    readonly requestId: string;
    /**
     * How the sending ended: `superseded` if another sending of the attempt, or of an interceptor, took its place;
     * absent while it is under way.
     */
    readonly outcome?: 'success' | 'retry' | 'failure' | 'cancel' | 'superseded';
    /** Why it is final. */
    readonly reason?: FailureReason;
    /** The number of the hedge, from 1; absent for the first sending of an attempt. */
    readonly hedge?: number;
  };
  /** The retry that follows. */
  readonly _retry?: {
    /** Why: `503`, or the name of the error. */
    readonly reason: string;
    /** Until the next attempt, in ms. */
    readonly delay: number;
  };
  /** The name and the message of the error of a sending without a response, or whose body broke off. */
  readonly _error?: string;
}

/** The request of an entry. */
export interface HarRequest {
  readonly method: string;
  /** Safe to show. */
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarField[];
  readonly headers: readonly HarField[];
  readonly queryString: readonly HarField[];
  readonly headersSize: -1;
  readonly bodySize: number;
  readonly postData?: { readonly mimeType: string; readonly text: string; readonly _truncated?: true };
}

/** The response of an entry; its status is 0 if none came. */
export interface HarResponse {
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarField[];
  readonly headers: readonly HarField[];
  readonly content: {
    readonly size: number;
    readonly mimeType: string;
    readonly text?: string;
    readonly encoding?: 'base64';
    readonly _truncated?: true;
  };
  readonly redirectURL: string;
  readonly headersSize: -1;
  readonly bodySize: number;
}
