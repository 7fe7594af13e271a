import { expect, test } from 'vitest';
import { prismaBarriers } from './prisma.js';

test.each([
  ['a client on SQLite', { _activeProvider: 'sqlite' }, /not on "sqlite"/],
  ['what is no client of Prisma 7', {}, /a client of Prisma 7/],
])('%s is refused', (_, source, message) => {
  const given = source as unknown as Parameters<typeof prismaBarriers>[0];
  expect(() => prismaBarriers(given)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
  );
});
