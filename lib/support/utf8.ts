
export const encoder = new TextEncoder();
