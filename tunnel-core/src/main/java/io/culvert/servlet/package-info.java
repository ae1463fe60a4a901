/**
 * Servlets served through connections: the only importer of Jetty.
 *
 * <p>{@link io.culvert.servlet.TunnelConnector} feeds any Jetty server with streams; {@link
 * io.culvert.servlet.ServletHost} is a complete one for a servlet or a {@code
 * ServletContextHandler}.
 */
package io.culvert.servlet;
