import { setting, type Setting } from './setting.js';
import { text } from './setting-kinds.js';

const balanced = 'gRPC calls are balanced over all addresses of a name, to the one with the fewest under way';
const pooled = 'a connection is kept for as long as it is of use; Store.MaxOpenConns says how many there may be';
const plainUrls = 'services are called by their URLs; there is no discovery driver yet';
const alwaysDurable = 'every outcome is durable before it counts';
const toStandardError = 'logs go to standard error; rotate them outside';

function ignored(path: string, ignoredBecause: string, isSecret = false): Setting<string> {
  return { ...setting({ path, isSecret }, text, '', ''), ignoredBecause };
}

/** Settings of DTM that are accepted, so that its files and environments work as they are, and do nothing here. */
export const ignoredSettings: readonly Setting<string>[] = [
  ignored('JsonRpcPort', 'JSON-RPC is served on HttpPort, as DTM does too'),
  ignored('GrpcServiceConfig', balanced),
  ignored('GrpcBalancer', balanced),
  ignored('Store.MaxIdleConns', pooled),
  ignored('Store.ConnMaxLifeTime', pooled),
  ignored('Store.DataExpire', 'an unfinished transaction never expires; Store.FinishedDataExpire is for finished ones'),
  ignored('MicroService.Driver', plainUrls),
  ignored('MicroService.Target', plainUrls),
  ignored('MicroService.EndPoint', plainUrls),
  ignored('HttpMicroService.Driver', plainUrls),
  ignored('HttpMicroService.RegistryType', plainUrls),
  ignored('HttpMicroService.RegistryAddress', plainUrls),
  ignored('HttpMicroService.RegistryOptions', plainUrls, true),
  ignored('HttpMicroService.Target', plainUrls),
  ignored('HttpMicroService.EndPoint', plainUrls),
  ignored('UpdateBranchSync', alwaysDurable),
  ignored('UpdateBranchAsyncGoroutineNum', alwaysDurable),
  ignored('Log.Outputs', toStandardError),
  ignored('Log.RotationEnable', toStandardError),
  ignored('Log.RotationConfigJSON', toStandardError),
  ignored('TimeZoneOffset', 'times are UTC everywhere'),
  ignored('ConfigUpdateInterval', 'topics are read when they are used'),
  ignored('AdminBasePath', 'the console is not there yet'),
];
