// #region undo
import { createServer } from 'node:http';
import { createClient } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createWorkflows } from '@tandem/client/workflow';
import { cards, hotels, mails, trains } from './partners.js';

const tandem = createClient({ url: process.env['TANDEM_URL'] ?? 'http://127.0.0.1:36789' });
const workflows = createWorkflows(tandem, { url: process.env['WORKFLOW_URL'] ?? 'http://127.0.0.1:8080/workflow' });

export const bookTrip = workflows
  .saga<{ guest: string; nights: number; card: string }>('book-trip')
  .step('hotel', {
    action: ({ input }) => hotels.reserve(input.guest, input.nights),
    compensate: (room) => hotels.cancel(room.id),
  })
  .step('train', {
    action: ({ input, results }) => trains.reserve(input.guest, results.hotel.city),
    compensate: (seat) => trains.cancel(seat.id),
  })
  .pivot('payment', {
    action: ({ input, results }) => cards.charge(input.card, results.hotel.price + results.train.price),
  })
  .step('mail', {
    action: ({ input, results }) => mails.send(input.guest, `paid: ${results.payment.receipt}`),
  });

/** Here the coordinator calls, should this process die half-way. */
export const server = createServer(nodeListener({ '/workflow': workflows.handler }));
server.listen(Number(process.env['PORT'] ?? 8080));

export async function book(id: string, guest: string) {
  const { hotel, payment } = await bookTrip.run({ guest, nights: 2, card: '4711' }, { gid: `trip-${id}` });
  return `${hotel.city}, ${payment.receipt}`;
}
// #endregion
