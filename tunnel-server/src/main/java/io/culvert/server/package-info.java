/** The accepting side: {@link io.culvert.server.TunnelServer}. */
package io.culvert.server;
