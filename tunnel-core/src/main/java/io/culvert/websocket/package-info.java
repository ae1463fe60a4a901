/**
 * The WebSocket port: what Culvert needs of a WebSocket library, and nothing more. Each adapter
 * lives in its own sub-package and is the only importer of its library.
 */
package io.culvert.websocket;
