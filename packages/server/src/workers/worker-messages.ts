/** What a supervisor and its workers tell each other over the channel between their processes. */

export type ToSupervisor =
  /** It serves. */
  | { readonly kind: 'ready'; readonly url: string; readonly grpcAddress: string | undefined }
  /** It cannot start, for a reason that a person can mend. */
  | { readonly kind: 'failed'; readonly message: string; readonly exitCode: number }
  /** Somebody asks for the metrics of all. */
  | { readonly kind: 'gather'; readonly id: number }
  /** Its own metrics, as it was asked for them. */
  | { readonly kind: 'metrics'; readonly id: number; readonly text: string };

export type ToWorker =
  | { readonly kind: 'shutDown' }
  | { readonly kind: 'tellMetrics'; readonly id: number }
  | { readonly kind: 'gathered'; readonly id: number; readonly text: string };

/** The environment variable that gives a worker its number, from 1. */
export const workerVariable = 'TANDEM_WORKER_NUMBER';
