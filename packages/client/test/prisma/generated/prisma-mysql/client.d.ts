export { PrismaClient } from '../prisma/client.js';
