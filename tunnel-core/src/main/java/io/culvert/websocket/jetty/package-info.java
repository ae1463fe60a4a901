/**
 * The WebSocket port over Jetty.
 *
 * <p>Used is Jetty's core WebSocket API, below the annotated endpoints: it gives frames with any
 * bytes, asks for each frame by an explicit demand, and tells when one was written. Jetty's HTTP
 * client does the dialing with its proxies and TLS, Jetty's server the accepting.
 *
 * <p>Threads: each dialed WebSocket has a few daemon threads, which end with it; a {@link
 * io.culvert.websocket.jetty.JettyAcceptor} has a pool until it is closed; a {@link
 * io.culvert.websocket.jetty.JettyMount} uses its server's. Callbacks of one WebSocket run one at a
 * time, on changing threads of these. Completions run on the sender's thread or one of these, under
 * no lock.
 */
package io.culvert.websocket.jetty;
