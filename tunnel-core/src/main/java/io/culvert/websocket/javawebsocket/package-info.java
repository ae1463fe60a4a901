/**
 * The WebSocket port over Java-WebSocket.
 *
 * <p>The library's sans-I/O part, {@code Draft_6455}, does the upgrade and the framing. Its server
 * and client are not used: neither reports when a message was written, the server loses wake-ups of
 * concurrent senders, and both hold monitors while they call listeners. Sockets are driven by a
 * small selector loop here instead: a sender writes on its own thread, and the loop takes over only
 * when the socket is full.
 *
 * <p>Threads: each {@link io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor} owns a few loop
 * threads, each dialed WebSocket one. All callbacks of a listener run on its loop thread.
 * Completions run on whichever thread wrote the message, never under a lock. Lock order: there is
 * one lock per socket, in {@code Outbound}, and nothing else is locked while it is held.
 */
package io.culvert.websocket.javawebsocket;
