import { postgres } from './postgres.mjs';

/** Every service that tests can ask for. */
export const services = [postgres];
