export { waterfall } from './waterfall.js';
export { waterfallPage } from './waterfall-page.js';

export type { Har, HarEntry, HarField, HarHold, HarLog, HarPage, HarRequest, HarResponse } from '../har/har.js';
export type { WaterfallOptions } from './waterfall.js';
