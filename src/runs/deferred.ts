// A promise that somebody else settles. Rejections nobody waits for are not an unhandled error.
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** An unsettled one. */
export function createDeferred<T>(): Deferred<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** A promise that rejects with the signal's reason when it is aborted; release() lets go of the signal. */
export function rejectOnAbort(signal: AbortSignal): { readonly promise: Promise<never>; release(): void } {
  const deferred = createDeferred<never>();
  const onAbort = (): void => deferred.reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return { promise: deferred.promise, release: () => signal.removeEventListener('abort', onAbort) };
}
