/** What may go wrong at a boundary, in the words that name a run. */
export const faultWords = {
  'coordinator dies before': 'the coordinator dies before it',
  'coordinator dies after': 'the coordinator dies after it',
  'process dies before': 'the process dies before it',
  'process dies after': 'the process dies after it',
  'dies and repeats before': 'the process dies before it, and runs the code again',
  'dies and repeats after': 'the process dies after it, and runs the code again',
  lost: 'lost on the way',
  'answer lost': 'its answer is lost',
  twice: 'arrives twice at once',
  again: 'arrives again after the end',
  late: 'lost, and arrives after the end',
  refused: 'refused',
  'refused and late': 'refused, and a first call of it arrives after the end',
} as const;

/** The kinds of faults that `explore` puts in, one a run. */
export type Fault = keyof typeof faultWords;

export const allFaults = Object.keys(faultWords) as readonly Fault[];

/** A place where a run can be hurt. */
export interface Boundary {
  /** From 1, in the order of the run. */
  readonly number: number;
  readonly title: string;
  /** Which of those with the same title, from 1. */
  readonly occurrence: number;
  readonly faults: readonly Fault[];
}

/** A fault at a boundary. */
export interface PlannedFault {
  readonly boundary: Boundary;
  readonly fault: Fault;
}

/** `boundary 4, action of http://stock/take: its answer is lost`. */
export function nameOf(plan: readonly PlannedFault[]): string {
  if (plan.length === 0) return 'without a fault';
  return plan.map(({ boundary, fault }) => `boundary ${boundaryName(boundary)}: ${faultWords[fault]}`).join('; ');
}

/** `4, action of http://stock/take (2)`. */
export function boundaryName({ number, title, occurrence }: Boundary): string {
  return `${number}, ${title}${occurrence === 1 ? '' : ` (${occurrence})`}`;
}
