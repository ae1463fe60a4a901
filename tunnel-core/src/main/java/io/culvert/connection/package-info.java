/**
 * The runtime: drives an engine with a WebSocket, a clock and threads, and gives streams blocking
 * and asynchronous I/O. Thread roles and lock order are in docs/concurrency.md.
 */
package io.culvert.connection;
