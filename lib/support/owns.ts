/** This file tells the members of a union apart by a member that they have, whatever somebody put on all objects. */

type With<T, Name> = T extends unknown ? (Name extends keyof T ? T : never) : never;

/** Does what `in` does for members of its own alone: a name on Object.prototype would be in each of them. */
export const owns = <T extends object, Name extends PropertyKey>(value: T, name: Name): value is With<T, Name> =>
  Object.hasOwn(value, name);
