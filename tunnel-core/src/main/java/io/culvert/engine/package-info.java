/**
 * Link and streams together: packets, calls and the time go in; packets, events and the next
 * deadline come out. No I/O, no threads, no clock; not thread-safe: whoever drives an engine holds
 * one lock around every call.
 */
package io.culvert.engine;
