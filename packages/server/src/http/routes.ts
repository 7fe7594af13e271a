import type { CoordinatorVerbs } from '@tandem/coordinator';
import type { ErrorCode } from '@tandem/protocol';
import { jsonRpcErrorReply } from '../json-rpc/json-rpc-error.js';
import { jsonRpc } from '../json-rpc/json-rpc-endpoint.js';
import type { NodeView } from '../nodes/node-record.js';
import { nodesJson } from '../nodes/nodes-json.js';
import type { Endpoint } from './api-request.js';
import { JsonVerbs } from './json-verbs.js';
import { queryKeyValue, scanKeyValues } from './key-value-endpoints.js';
import { jsonReply, type Reply } from './reply.js';
import { deleteTopic, subscribe, unsubscribe } from './topic-endpoints.js';
import { all, newGid, query, resetCronTime } from './transaction-queries.js';
import { abort, onGid, prepare, registerBranch, submit, withReason } from './transaction-verbs.js';
import { prepareWorkflow, workflowErrorReply } from './workflow-endpoint.js';

export type Method = 'GET' | 'POST' | 'DELETE';

/** One path and what its methods do. */
export interface Route {
  /** As metrics and docs/http-api.md name it; a last part in braces takes the rest of the path. */
  readonly template: string;
  readonly methods: Readonly<Partial<Record<Method, Endpoint<Reply>>>>;
  /** Its GET changes something, for DTM's users; HEAD, which everybody takes for harmless, is refused. */
  readonly isChangedByGet?: boolean;
  /** How it tells an error, where its callers need a form of its own; `body` is undefined where it could not be read. */
  readonly errorReply?: (error: unknown, body: unknown) => Reply;
}

/** What the endpoints need besides the coordinator's verbs. */
export interface RouteOptions {
  readonly verbs: CoordinatorVerbs;
  readonly version: string;
  readonly waitMaxMs: number;
  readonly mutatingGets: boolean;
  /** What `resetCronTime` takes for long where nothing is said, in ms. */
  readonly longWaitMs: number;
  /** Rejects while the server cannot take work. */
  readonly checkReady: () => Promise<void>;
  /** The nodes on this store. */
  readonly nodes: () => Promise<readonly NodeView[]>;
  /** Told of an error that is not the caller's, where a reply holds several. */
  readonly failed: (error: unknown, code: ErrorCode, template: string) => void;
  /** The metrics in Prometheus' text format. */
  readonly metrics: () => Promise<Reply>;
}

/** The whole HTTP API. */
export function routes(options: RouteOptions): readonly Route[] {
  const json = new JsonVerbs(options.verbs, options.waitMaxMs);
  return [
    ...transactionRoutes(options, json),
    ...branchRoutes(json),
    jsonRpcRoute(options, json),
    ...topicRoutes(options),
    ...operationRoutes(options),
  ];
}

function transactionRoutes({ verbs, mutatingGets, longWaitMs }: RouteOptions, json: JsonVerbs): readonly Route[] {
  const retryNow = onGid((gid) => verbs.retryNow(gid));
  return [
    { template: '/api/dtmsvr/newGid', methods: { GET: newGid(verbs) } },
    { template: '/api/dtmsvr/prepare', methods: { POST: prepare(json) } },
    { template: '/api/dtmsvr/submit', methods: { POST: submit(json) } },
    { template: '/api/dtmsvr/abort', methods: { POST: abort(json) } },
    {
      template: '/api/dtmsvr/forceStop',
      methods: { POST: withReason((gid, reason) => verbs.forceStop(gid, reason)) },
    },
    { template: '/api/dtmsvr/pause', methods: { POST: withReason((gid, reason) => verbs.pause(gid, reason)) } },
    { template: '/api/dtmsvr/resume', methods: { POST: onGid((gid) => verbs.resume(gid)) } },
    { template: '/api/dtmsvr/retryNow', methods: { POST: retryNow } },
    { template: '/api/dtmsvr/resetNextCronTime', methods: { POST: retryNow } },
    {
      template: '/api/dtmsvr/resetCronTime',
      ...changing(resetCronTime(verbs, longWaitMs), mutatingGets),
    },
    { template: '/api/dtmsvr/query', methods: { GET: query(verbs) } },
    { template: '/api/dtmsvr/all', methods: { GET: all(verbs) } },
  ];
}

function topicRoutes({ verbs, mutatingGets }: RouteOptions): readonly Route[] {
  return [
    { template: '/api/dtmsvr/subscribe', ...changing(subscribe(verbs), mutatingGets) },
    { template: '/api/dtmsvr/unsubscribe', ...changing(unsubscribe(verbs), mutatingGets) },
    { template: '/api/dtmsvr/topic/{topic}', methods: { DELETE: deleteTopic(verbs) } },
    { template: '/api/dtmsvr/scanKV', methods: { GET: scanKeyValues(verbs) } },
    { template: '/api/dtmsvr/queryKV', methods: { GET: queryKeyValue(verbs) } },
  ];
}

function branchRoutes(json: JsonVerbs): readonly Route[] {
  return [
    { template: '/api/dtmsvr/registerBranch', methods: { POST: registerBranch(json) } },
    { template: '/api/dtmsvr/registerTccBranch', methods: { POST: registerBranch(json, 'tcc') } },
    { template: '/api/dtmsvr/registerXaBranch', methods: { POST: registerBranch(json, 'xa') } },
    {
      template: '/api/dtmsvr/prepareWorkflow',
      methods: { POST: prepareWorkflow(json) },
      errorReply: workflowErrorReply,
    },
  ];
}

function jsonRpcRoute({ verbs, nodes, waitMaxMs, failed }: RouteOptions, json: JsonVerbs): Route {
  const template = '/api/json-rpc';
  const endpoint = jsonRpc({
    verbs,
    json,
    nodes,
    waitMaxMs,
    failed: (error, code) => {
      failed(error, code, template);
    },
  });
  return { template, methods: { POST: endpoint }, errorReply: jsonRpcErrorReply };
}

function operationRoutes({ version, nodes, checkReady, metrics }: RouteOptions): readonly Route[] {
  const ping: Endpoint<Reply> = () => jsonReply(200, { msg: 'pong' });
  return [
    { template: '/api/dtmsvr/version', methods: { GET: () => jsonReply(200, { version }) } },
    {
      template: '/api/dtmsvr/nodes',
      methods: { GET: async () => jsonReply(200, nodesJson(await nodes())) },
    },
    { template: '/api/ping', methods: { GET: ping, POST: ping } },
    { template: '/api/health', methods: { GET: () => jsonReply(200, { status: 'up' }) } },
    {
      template: '/api/ready',
      methods: {
        GET: async () => {
          await checkReady();
          return jsonReply(200, { status: 'ready' });
        },
      },
    },
    { template: '/api/metrics', methods: { GET: metrics } },
  ];
}

function changing(endpoint: Endpoint<Reply>, mutatingGets: boolean): Pick<Route, 'methods' | 'isChangedByGet'> {
  return mutatingGets
    ? { methods: { GET: endpoint, POST: endpoint }, isChangedByGet: true }
    : { methods: { POST: endpoint } };
}
