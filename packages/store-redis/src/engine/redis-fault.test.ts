import { describe, expect, it } from 'vitest';
import { StoreError } from '@tandem/store';
import { ConnectionFault, faultOf, RedisReplyError } from './redis-fault.js';

const address = { host: '10.0.0.1', port: 7000 };

describe('what Redis answers', () => {
  it.each([
    ['MOVED 3999 10.0.0.2:6381', { kind: 'moved', address: { host: '10.0.0.2', port: 6381 } }],
    ['MOVED 3999 :6381', { kind: 'moved', address: { host: '10.0.0.1', port: 6381 } }],
    ['ASK 3999 ::1:6381', { kind: 'ask', address: { host: '::1', port: 6381 } }],
    ['NOSCRIPT No matching script. Please use EVAL.', { kind: 'noScript' }],
    ["READONLY You can't write against a read only replica.", { kind: 'again', isNodeSuspect: true }],
    ['CLUSTERDOWN The cluster is down', { kind: 'again', isNodeSuspect: true }],
    ['UNBLOCKED force unblock from blocking operation', { kind: 'again', isNodeSuspect: true, mayHaveRun: true }],
    ['LOADING Redis is loading the dataset in memory', { kind: 'again', isNodeSuspect: false }],
    ['TRYAGAIN Multiple keys request during rehashing of slot', { kind: 'again', isNodeSuspect: false }],
    ['BUSY Redis is busy running a script.', { kind: 'again', isNodeSuspect: false }],
    ['NOREPLICAS Not enough good replicas to write.', { kind: 'again', isNodeSuspect: false }],
    ['ERR Script attempted to access a non local key in a cluster node', { kind: 'again', isNodeSuspect: false }],
    ['ERR max number of clients reached', { kind: 'again', isNodeSuspect: false, mayHaveRun: false }],
    ["OOM command not allowed when used memory > 'maxmemory'.", { kind: 'final', error: { kind: 'full' } }],
    // As version 6.2 tells what went wrong inside a script.
    [
      "ERR Error running script (call to f_abc): @user_script:42: @user_script: 42: -OOM command not allowed when used memory > 'maxmemory'.",
      { kind: 'final', error: { kind: 'full' } },
    ],
    ['MISCONF Errors writing to the AOF file: No space left on device', { kind: 'final', error: { kind: 'full' } }],
    ['MISCONF Redis is configured to save RDB snapshots', { kind: 'final', error: { kind: 'unavailable' } }],
    ['WRONGPASS invalid username-password pair', { kind: 'final', error: { kind: 'unavailable' } }],
  ])('%s', (message, expected) => {
    expect(faultOf(new RedisReplyError(message), address)).toMatchObject(expected);
  });

  it('a broken connection may pass, and its node is suspect', () => {
    expect(faultOf(new ConnectionFault('gone'), address)).toMatchObject({
      kind: 'again',
      isNodeSuspect: true,
      error: { kind: 'unavailable', message: 'Redis at 10.0.0.1:7000: gone' },
    });
  });

  it('a fault of the store stays what it is', () => {
    const error = new StoreError('incompatible', 'too old');
    expect(faultOf(error, address)).toEqual({ kind: 'final', error });
  });
});
