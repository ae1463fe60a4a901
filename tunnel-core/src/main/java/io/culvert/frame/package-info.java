/**
 * The wire format: packets, frames, their reader and writer, and nothing that remembers anything.
 * The text is docs/protocol.md.
 */
package io.culvert.frame;
