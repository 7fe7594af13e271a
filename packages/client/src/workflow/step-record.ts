/** What a workflow records of a step: as the data of DTM's registerBranch, JSON that this SDK alone reads. */
import { decodeBase64 } from '@tandem/protocol';

export type StepKind = 'do' | 'call' | 'grpc' | 'sleep' | 'xa' | 'decision';

/** What a step is known by: the code must ask for the same one at the same place in each run. */
export interface StepName {
  readonly name: string;
  readonly kind: StepKind;
}

/** One step that is done. */
export interface StepRecord extends StepName {
  readonly status: 'succeed' | 'failed';
  readonly result?: unknown;
  /** Why it was refused. */
  readonly reason?: string;
}

export function stepData({ name, kind, result, reason }: StepRecord): string {
  return JSON.stringify({ name, kind, result, reason });
}

/** Reads an entry of `progresses`; undefined where this SDK did not write it. */
export function stepRecordOf(entry: Readonly<Record<string, unknown>>): StepRecord | undefined {
  const data = jsonOf(entry['bin_data']);
  if (typeof data !== 'object' || data === null) return undefined;
  const { name, kind, result, reason } = data as { name?: unknown; kind?: unknown; result?: unknown; reason?: unknown };
  if (typeof name !== 'string' || typeof kind !== 'string') return undefined;
  const status = entry['status'] === 'failed' ? 'failed' : 'succeed';
  return { name, kind: kind as StepKind, status, result, reason: typeof reason === 'string' ? reason : '' };
}

/** A value that was sent as JSON in base64; undefined where there is none. */
export function jsonOf(base64: unknown): unknown {
  if (typeof base64 !== 'string' || base64 === '') return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(decodeBase64(base64))) as unknown;
  } catch {
    return undefined;
  }
}
