/** The body of every complete answer: text that is also JSON. */
export const FULL_BODY = '{"whole":"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopq"}';

/** The time between two bytes of a dribbled body, in ms. {@link FULL_BODY} takes about 65 times as long. */
export const DRIBBLE_INTERVAL_MS = 10;
