/**
 * Streams over an ordered exchange of frames: state, flow control, scheduling. Pure state machines
 * without locks, threads or time of their own. Nothing here is thread-safe.
 */
package io.culvert.stream;
