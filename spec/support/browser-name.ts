/** Whether the specs run in Firefox, which differs from Chromium in what docs/platforms.md says. */
export const IS_FIREFOX: boolean = typeof navigator === 'object' && navigator.userAgent.includes('Firefox/');
