/** What a command ends with. `failed` is anything that is not as it should be and that no other input would have cured. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;
