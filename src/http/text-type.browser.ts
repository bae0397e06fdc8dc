/** Browsers set the content type of a string. Bundlers replace text-type with this file (`browser` in package.json). */
export const TEXT_TYPE: string | undefined = undefined;
