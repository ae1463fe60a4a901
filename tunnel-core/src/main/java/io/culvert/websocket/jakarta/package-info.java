/**
 * The WebSocket port's accepting side over Jakarta WebSocket 2.1 or later, hosted by a servlet
 * container: {@link io.culvert.websocket.jakarta.JakartaMount} is where to begin.
 *
 * <p>Threads: callbacks run on the container's threads, completions on those or the sender's. What
 * blocks in Jakarta (a ping, closing) runs on threads of the acceptor. No lock is held while a
 * listener, a completion or the container is called.
 */
package io.culvert.websocket.jakarta;
