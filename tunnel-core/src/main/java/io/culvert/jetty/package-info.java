/** Streams as Jetty's own I/O: what its server, its client and a forwarder of bytes build on. */
package io.culvert.jetty;
