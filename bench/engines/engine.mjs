/**
 * What a database engine is to the bench: one file each in this folder, listed in catalogue.mjs. Types only.
 *
 * @typedef {object} Engine
 * @property {string} name as `--store` says it
 * @property {string} service its name in scripts/services
 * @property {readonly string[]} settings for its program, where a user's would be set otherwise than by the service for tests
 * @property {(url: string) => Promise<EngineSession>} connect
 *
 * @typedef {Record<string, number>} Counters what has grown since the engine's start, by name
 *
 * @typedef {object} EngineSession
 * @property {(name: string, schema: string | undefined) => Promise<string>} createDatabase empty; runs `schema`, statements
 *   that make another server's tables; answers the database's URL
 * @property {() => Promise<Counters>} counters
 * @property {() => Promise<void>} close
 */

export {};
