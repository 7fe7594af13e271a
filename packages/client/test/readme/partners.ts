/** What the trip is booked at, for the README's first example: keeps in memory what was done. */
import { BranchFailure } from '@tandem/client';

export const done: string[] = [];
let fullTrains: readonly string[] = [];

/** From now on there is no seat in trains to these cities. */
export function sellOut(...cities: readonly string[]): void {
  fullTrains = cities;
}

export const hotels = {
  reserve: async (guest: string, nights: number) => {
    done.push(`reserve a room for ${guest}`);
    return { id: `room-of-${guest}`, city: 'Lyon', price: 90 * nights };
  },
  cancel: async (id: string) => {
    done.push(`cancel ${id}`);
  },
};

export const trains = {
  reserve: async (guest: string, city: string) => {
    if (fullTrains.includes(city)) throw new BranchFailure(`no seat to ${city}`);
    done.push(`reserve a seat for ${guest}`);
    return { id: `seat-of-${guest}`, price: 60 };
  },
  cancel: async (id: string) => {
    done.push(`cancel ${id}`);
  },
};

export const cards = {
  charge: async (card: string, amount: number) => {
    done.push(`charge ${card} with ${String(amount)}`);
    return { receipt: `receipt over ${String(amount)}` };
  },
};

export const mails = {
  send: async (guest: string, text: string) => {
    done.push(`mail to ${guest}: ${text}`);
  },
};
