/**
 * What every scenario is given. Types only.
 *
 * @typedef {object} Setting
 * @property {import('../server/measured-server.mjs').MeasuredServer} server running
 * @property {import('../participants/nginx.mjs').Participants} participants running
 * @property {string} folder temporary
 * @property {number} seconds of each measured load
 * @property {number} warmUpSeconds of the load before it
 * @property {number} count how many transactions a scenario with a number of its own uses; 0: its default
 * @property {boolean} isOurs the server is this tree's Tandem
 */

export {};
