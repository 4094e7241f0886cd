export { combineSenders } from './combine-senders.js';
export { holdLease, type Lease, type LeaseOptions, type ObservableSession } from './hold-lease.js';
export { httpKeepalive } from './http-keepalive.js';
export type { HttpBody, HttpHeaders, HttpKeepaliveOptions, PerKeepalive } from './http-options.js';
export {
  mcpProgress,
  type McpProgress,
  type McpProgressNotification,
  type McpProgressOptions,
  type McpRequestExtra,
} from './mcp-progress.js';
export { SSE_HEADERS, sseComment, type SseCommentOptions } from './sse-comment.js';
export type { NodeResponseLike } from './sse-node-response.js';
export type { StreamWriterLike } from './sse-stream-writer.js';
export { webSocketPing, type WebSocketLike, type WebSocketPingOptions } from './web-socket-ping.js';
