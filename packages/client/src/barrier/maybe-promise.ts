/** A value that is there, or will be: synchronous drivers and promising ones share one algorithm. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with the value: at once where it is there (a synchronous driver must not lose its turn), else later. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
