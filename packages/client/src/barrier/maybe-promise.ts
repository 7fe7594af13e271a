import { isObject } from '../json.js';

/** A value that is there, or will be: synchronous drivers and promising ones share one algorithm. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Goes on with the value: at once where it is there (a synchronous driver must not lose its turn), else later. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromiseLike(value) ? value.then(next) : next(value);
}

/** By its `then`, not by its class: query builders are awaited by it, and run only then. */
export function isPromiseLike<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  const hasMembers = isObject(value) || typeof value === 'function';
  return hasMembers && 'then' in value && typeof value.then === 'function';
}
