/** The content type of a string, where fetch does not set it as its standard says: in Bun. */
export const TEXT_TYPE: string | undefined = 'Bun' in globalThis ? 'text/plain;charset=UTF-8' : undefined;
