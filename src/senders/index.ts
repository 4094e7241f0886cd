export { httpPost } from './http-post.js';
export type { HttpPostInit } from './http-post-init.js';
export {
  mcpProgress,
  type McpProgress,
  type McpProgressNotification,
  type McpProgressOptions,
  type McpRequestExtra,
} from './mcp-progress.js';
export { sseComment, type NodeResponseLike, type SseCommentOptions, type StreamWriterLike } from './sse-comment.js';
export { webSocketPing, type WebSocketLike, type WebSocketPingOptions } from './web-socket-ping.js';
