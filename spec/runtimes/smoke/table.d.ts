export function table(): string;
export function tableOfPage(): string;
