import { TandemError, type Reaction, type TransactionEvent } from '@tandem/protocol';
import type { WriteResult } from '@tandem/store';

/** What a verb is told of its event: the machine's reaction, or that the gid does not exist. */
export type DeliveryResult = Reaction | { readonly kind: 'notFound' };

/** An event on its way into a run. */
export interface Delivery {
  readonly event: TransactionEvent;
  /** The URL that answered, for those who log. */
  readonly url: string;
  /** Of a verb that waits; absent for a participant's answer. */
  readonly settle: { resolve: (result: DeliveryResult) => void; reject: (error: unknown) => void } | undefined;
  reaction: Reaction;
  /** It was reacted to on a state that was read after it had come. */
  isConfirmed: boolean;
}

const unchanged: Reaction = { kind: 'unchanged' };

/** An event that nobody waits for. */
export function unattended(event: TransactionEvent, url = ''): Delivery {
  return { event, url, settle: undefined, reaction: unchanged, isConfirmed: true };
}

/** A verb's event. */
export function attended(event: TransactionEvent, settle: NonNullable<Delivery['settle']>): Delivery {
  return { event, url: '', settle, reaction: unchanged, isConfirmed: false };
}

export function isVerb(arrived: Delivery): boolean {
  return arrived.settle !== undefined;
}

/** Whether a person asks for a retry, not a wake. */
export function asksForRetry(deliveries: readonly Delivery[]): boolean {
  return deliveries.some((arrived) => arrived.event.kind === 'retryNow' && isVerb(arrived));
}

export function settleAll(deliveries: readonly Delivery[]): void {
  for (const { settle, reaction } of deliveries) settle?.resolve(reaction);
}

export function rejectAll(deliveries: readonly Delivery[], error: unknown): void {
  for (const { settle } of deliveries) settle?.reject(error);
}

/** The run ended while this commit was under way: what is durable is told, what is not known is an error. */
export function settleLate(deliveries: readonly Delivery[], result: WriteResult): void {
  if (result.kind === 'applied') settleAll(deliveries);
  else rejectAll(deliveries, new TandemError('STORE_UNAVAILABLE', 'the change was not made; ask again'));
}

/**
 * Within one commit all answers but success come first (M6): what succeeded beside a refusal must not seem to have allowed a
 * step that never started.
 */
export function successesLast(deliveries: readonly Delivery[]): readonly Delivery[] {
  if (deliveries.length < 2) return deliveries;
  const isSuccess = ({ event }: Delivery): boolean =>
    event.kind === 'branchAnswered' && event.result.kind === 'success';
  return [...deliveries.filter((arrived) => !isSuccess(arrived)), ...deliveries.filter(isSuccess)];
}
