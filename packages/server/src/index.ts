export { startServer, type RunningServer, type ServerOptions } from './main/start-server.js';
export { StartupError } from './main/startup-error.js';
export { ConfigError } from './config/config-error.js';
export { configOf, resolveConfig, type ResolvedConfig } from './config/resolve-config.js';
export type { Config } from './config/settings.js';
export { openLog, type Log } from './telemetry/log.js';
