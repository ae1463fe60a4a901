/**
 * The dialing half of the WebSocket port over OkHttp, which has no acceptor.
 *
 * <p>OkHttp's WebSocket reports neither that a message was written nor a pong, sends no ping, takes
 * text as Strings only, gathers messages of any length and cannot be made to wait. All of that is
 * done between it and the socket, where an interceptor may put an {@link okio.Socket} of its own:
 * {@link io.culvert.websocket.okhttp.FrameSource} and {@link io.culvert.websocket.okhttp.FrameSink}
 * read the headers of frames and change opcodes, and nothing else. Upgrade, framing, masking and
 * the close handshake are OkHttp's.
 *
 * <p>Threads: OkHttp's reader calls the listener, its writer runs completions, each WebSocket has
 * one of each. Lock order: {@code FrameSink}'s queue, then OkHttp's own; the listener and
 * completions are called under neither.
 */
package io.culvert.websocket.okhttp;
