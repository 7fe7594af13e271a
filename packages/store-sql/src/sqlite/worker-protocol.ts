import { StoreError } from '@tandem/store';
import type { EngineVerb } from './engine-host.js';
import type { EngineOptions } from './sqlite-engine.js';
import type { MessageValue } from './write-message.js';

/** What the worker is started with. */
export interface WorkerStart {
  readonly options: EngineOptions;
}

/** Requests are answered one after the other, in order, so that answers need no number. */
export type WorkerRequest =
  | { readonly kind: 'write'; readonly items: readonly MessageValue[] }
  | { readonly kind: 'call'; readonly verb: EngineVerb; readonly args: readonly unknown[] }
  | { readonly kind: 'close' };

/** The first answer, without a request, says how opening went. */
export type WorkerAnswer =
  | { readonly kind: 'written'; readonly results: readonly MessageValue[] }
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly fault: WireFault };

/** A `StoreError` as it goes between threads: its class does not survive the copy. */
export interface WireFault {
  readonly kind: StoreError['kind'];
  readonly message: string;
  readonly cause: string;
}

export function encodeFault(error: unknown): WireFault {
  if (error instanceof StoreError) return { kind: error.kind, message: error.message, cause: String(error.cause) };
  return { kind: 'unavailable', message: String(error), cause: '' };
}

export function decodeFault(fault: WireFault): StoreError {
  return new StoreError(fault.kind, fault.message, { cause: fault.cause });
}
