export function judge(
  runtime: string,
  results: readonly { readonly name: string; readonly error?: string | undefined }[],
  isPart?: boolean,
): string[];
