/** Objects for names that others have given. */

const Bare = function Bare() {} as unknown as new () => object;
Bare.prototype = Object.freeze(Object.create(null) as object);

/**
 * Makes an empty object whose prototype has no members, so that no name means anything else. V8 makes and reads it in
 * half the time that it takes for an object without a prototype, and in half the room.
 */
export const bareObject = <T extends object>(): T => new Bare() as T;
