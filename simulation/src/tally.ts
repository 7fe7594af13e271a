/** How often each fault was injected, and each rare path of the product walked: what never happens proves nothing. */
export const faultNames = [
  'callLost',
  'callLate',
  'callDuplicated',
  'callRefused',
  'callOvertaken',
  'answerLost',
  'answerLate',
  'answerUnclear',
  'answerUnclearAfterEffect',
  'hostDown',
  'hostHangs',
  'verbLost',
  'verbDuplicated',
  'verbAnswerLost',
  'clientRepeats',
  'clientGivesUp',
  'clientSaysOpposite',
  'clientSaysOther',
  'crash',
  'crashAfterWrite',
  'crashAfterCall',
  'restart',
  'gracefulStop',
  'freeze',
  'freezeBeyondLease',
  'clockSkew',
  'clockJump',
  'clockBeyondAllowance',
  'storeDown',
  'storeFailedBefore',
  'storeReplyLost',
  'storeBatchSplit',
  'storeSlow',
  'storeRefusedItem',
  'staleClaim',
  'forceStop',
  'pause',
  'resume',
  'retryNow',
  'wakeAll',
  'topicChanged',
] as const;

export const pathNames = [
  'takeover',
  'leaseLost',
  'breakerOpened',
  'breakerClosed',
  'pausedByLimit',
  'pausedByRefusal',
  'deadlinePassed',
  'rolledBack',
  'emptyCompensation',
  'lateActionBlocked',
  'repeatSkipped',
  'localTransactionBlocked',
  'backCheckCommitted',
  'backCheckRolledBack',
  'answeredOngoing',
  'answeredRefused',
  'toldSuccess',
  'toldFailure',
  'toldOpen',
  'conflictTold',
  'refusedVerb',
  'storeUnavailableTold',
  'overloadedTold',
  'parked',
  'concurrentSaga',
  'concurrentMessage',
  'topicMessage',
  'delayedMessage',
  'preparedMessage',
  'asyncStep',
  'tccConfirmed',
  'tccCancelled',
  'registrationRefused',
  'xaCommitted',
  'xaRolledBack',
  'xaUnknown',
  'xaLocked',
  'xaRepeated',
  'xaTooLate',
  'workflowSucceeded',
  'workflowFailed',
  'workflowResumed',
  'workflowStopped',
  'workflowBesideItself',
  'workflowXaUnknown',
  'stepFromRecord',
  'recordedBeforeTold',
  'recordAfterEndTold',
  'finishedSuccess',
  'finishedFailure',
  'purged',
] as const;

export type FaultName = (typeof faultNames)[number];
export type PathName = (typeof pathNames)[number];
export type TallyName = FaultName | PathName;

export class Tally {
  readonly counts = new Map<TallyName, number>();

  count(name: TallyName, times = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + times);
  }

  add(other: ReadonlyMap<TallyName, number>): void {
    for (const [name, times] of other) this.count(name, times);
  }

  of(name: TallyName): number {
    return this.counts.get(name) ?? 0;
  }

  /** All faults injected. */
  get faults(): number {
    return faultNames.reduce((sum, name) => sum + this.of(name), 0);
  }

  /** What has not happened even once. */
  missing(): readonly TallyName[] {
    return [...faultNames, ...pathNames].filter((name) => this.of(name) === 0);
  }
}
