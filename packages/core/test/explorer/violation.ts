/** What a schedule led to that must not be. */
export class Violation extends Error {}
