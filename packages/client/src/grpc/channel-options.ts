/**
 * While a channel waits before it connects again, its calls fail at once. By default that becomes two minutes, during which a service
 * that is back already would not be called.
 */
export const channelOptions = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
} as const;
