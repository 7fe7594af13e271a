import { expect, test } from 'vitest';
import { createClient } from '../client.js';
import { grpcCoordinator } from '../grpc.js';
import { restoredRequest, storedBytesMax, storedRequest } from './stored-request.js';

const tandem = createClient({ url: 'http://127.0.0.1:1' });
const url = 'http://receiver/take';

test('what is stored is what submit sends', () => {
  const message = tandem
    .message({ gid: 'a', delay: '2s', branchHeaders: { 'x-tenant': 'north' } })
    .add(url, { text: '\u0000 " \\ é 😀 \ud800' })
    .addTopic('paid');
  expect(restoredRequest(storedRequest(message))).toEqual(message.submitRequest());
  const saga = tandem
    .saga({ concurrent: true })
    .step('one', { action: url, compensate: null })
    .step('two', { action: url, compensate: url, after: ['one'] });
  expect(restoredRequest(storedRequest(saga))).toEqual(saga.submitRequest());
});

test('payloads that are bytes stay bytes', () => {
  const coordinator = grpcCoordinator({ address: '127.0.0.1:1' });
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const message = createClient({ coordinator })
    .message()
    .add('grpc://receiver:1/bank.Bank/Take', bytes)
    .add(url, { n: 1 });
  expect(restoredRequest(storedRequest(message)).payloads).toEqual([bytes, '{"n":1}']);
  coordinator.close();
});

test.each([
  ['a message without receivers', () => tandem.message(), 'INVALID_OPTION', /add one/],
  ['a saga without steps', () => tandem.saga(), 'INVALID_OPTION', /add one/],
  ['a URL that is none', () => tandem.message().add('receiver/take'), 'INVALID_OPTION', /http/],
  ['a gid that is too long', () => tandem.message({ gid: 'g'.repeat(129) }).add(url), 'INVALID_OPTION', /128/],
  ['an empty gid', () => tandem.message({ gid: '' }).add(url), 'INVALID_OPTION', /gid/],
  ['more than it keeps', () => tandem.message().add(url, 'x'.repeat(storedBytesMax)), 'INVALID_PAYLOAD', /reference/],
])('%s is refused while the business transaction is open', (_, make, code, told) => {
  const store = () => storedRequest(make());
  expect(store).toThrow(expect.objectContaining({ code }));
  expect(store).toThrow(told);
});

test.each(['', '{}', '[]', 'null', '{"payloads":[{"base64":"?"}]}'])('"%s" is no request of an outbox', (text) => {
  expect(() => restoredRequest(text)).toThrow(expect.objectContaining({ code: 'INVALID_PAYLOAD' }));
});
