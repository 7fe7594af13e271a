import { expect, test } from 'vitest';
import { countersOf } from './redis.mjs';

test('what INFO tells is summed, whichever command runs scripts', () => {
  const info = [
    '# Stats',
    'total_commands_processed:120',
    'total_net_input_bytes:3000',
    'total_net_output_bytes:400',
    'cmdstat_evalsha:calls=30,usec=1,usec_per_call=1.0',
    'cmdstat_fcall:calls=12,usec=1,usec_per_call=1.0',
    '',
  ].join('\r\n');
  expect(countersOf(info)).toEqual({ commands: 120, scriptCalls: 42, bytesIn: 3000, bytesOut: 400 });
});
