/** What the doctor looks at, by name: a few words when all is well, a StartFailure that says what to do otherwise. */
export type Checks = Readonly<Record<string, () => Promise<string>>>;
