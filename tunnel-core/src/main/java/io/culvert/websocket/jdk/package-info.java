/**
 * The WebSocket port over {@code java.net.http}, dialing only.
 *
 * <p>Each dialed WebSocket has an {@code HttpClient} of its own, which ends with it, because TLS
 * and proxy are settings of that client. It runs what it would give to an executor on its selector
 * thread instead, so that one thread does all the work of one WebSocket, callbacks included. That
 * is more than thrift: the JDK forgets a socket that ends while no message is asked for, and with
 * two threads that moment comes after every message (see {@code Watch}).
 *
 * <p>Locks: {@code Incoming}, {@code Pings}, {@code Watch} and {@code ClientThreads} each have a
 * monitor for their own fields. None is held while another is taken, or while the JDK or a listener
 * is called.
 */
package io.culvert.websocket.jdk;
