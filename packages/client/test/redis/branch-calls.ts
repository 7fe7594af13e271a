import { Barrier } from '@tandem/client';

/** The barrier of one call, as the coordinator's handler would make it. */
export const saga = (gid: string, op: 'action' | 'compensate', branchId = '01'): Barrier =>
  new Barrier({ gid, transType: 'saga', branchId, op });

export const tcc = (gid: string, op: 'try' | 'confirm' | 'cancel'): Barrier =>
  new Barrier({ gid, transType: 'tcc', branchId: '01', op });

export const workflow = (gid: string, op: 'action' | 'commit' | 'rollback'): Barrier =>
  new Barrier({ gid, transType: 'workflow', branchId: '01', op });

export const message = (gid: string, checkUrl?: string): Barrier =>
  new Barrier({ gid, transType: 'msg', branchId: '00', op: 'msg' }, checkUrl);
