/** Returns the path of an executable browser. Throws if there is none and none can be installed. */
export function findChrome(): string;
