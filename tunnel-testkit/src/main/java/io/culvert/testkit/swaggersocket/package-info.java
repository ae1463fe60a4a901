/**
 * A peer that behaves like the Go library swaggersocket, byte for byte, and what belongs to it:
 * transcripts of its protocol and the scenarios of its own tests.
 *
 * <p>What goes over the wire is handled as <em>wire text</em>: a String of which every char is one
 * byte, 0 to 255 (ISO 8859-1). So bytes are compared and printed like text, and none is lost.
 */
package io.culvert.testkit.swaggersocket;
