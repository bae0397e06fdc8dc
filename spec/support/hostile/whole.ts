/** The body of every answer that is in order: text, and JSON. */
export const WHOLE = '{"whole":"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopq"}';

/** Between two bytes of a dribbled body, in ms: {@link WHOLE} takes 65 times as long. */
export const DRIBBLE_GAP = 10;
