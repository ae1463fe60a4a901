/**
 * The reliable, ordered packet exchange beneath the streams: handshake, packet numbers,
 * acknowledgements, replay, heartbeat. Pure state machines: called with frames and a time, they
 * answer with frames and deadlines. Nothing here is thread-safe.
 */
package io.culvert.link;
