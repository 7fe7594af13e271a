// #region tcc
import { createClient } from '@tandem/client';

const tandem = createClient({ url: process.env['TANDEM_URL'] ?? 'http://127.0.0.1:36789' });
const airline = process.env['AIRLINE_URL'] ?? 'http://127.0.0.1:8081';
const hotel = process.env['HOTEL_URL'] ?? 'http://127.0.0.1:8082';

export async function bookTrip(guest: string) {
  return tandem.tcc(async (tcc) => {
    const seat = await tcc.branch<{ number: string }>('seat', {
      try: `${airline}/hold`,
      confirm: `${airline}/buy`,
      cancel: `${airline}/let-go`,
      payload: { guest },
    });
    const room = await tcc.branch<{ number: string }>('room', {
      try: `${hotel}/hold`,
      confirm: `${hotel}/take`,
      cancel: `${hotel}/let-go`,
      payload: { guest, arrivesWith: seat.number },
    });
    return { seat: seat.number, room: room.number };
  });
}
// #endregion
