/**
 * What every scenario is given. Types only.
 *
 * @typedef {object} Setting
 * @property {import('../server/measured-server.mjs').MeasuredServer} server not started where a scenario starts it itself
 * @property {(command?: string) => Promise<import('../server/measured-server.mjs').MeasuredServer>} newServer another one on
 *   the same store, by the same command unless told otherwise; not started
 * @property {string} storeUrl of the scenario's own empty database; `sqlite:FOLDER` for the embedded store of `server`
 * @property {import('../engines/measured-engine.mjs').MeasuredEngine | undefined} engine undefined: the embedded store
 * @property {import('../participants/nginx.mjs').Participants} participants running
 * @property {string} folder temporary
 * @property {number} seconds of each measured load
 * @property {number} warmUpSeconds of the load before it
 * @property {number} runs how often a load is measured
 * @property {number} count how many transactions a scenario with a number of its own uses; 0: its default
 * @property {boolean} isOurs the server is this tree's Tandem
 */

export {};
