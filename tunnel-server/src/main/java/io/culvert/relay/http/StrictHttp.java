package io.culvert.relay.http;

import java.util.EnumSet;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.HttpConfiguration;

/**
 * How the public connector reads HTTP: strictly where two readers might disagree about where a
 * message ends or whom it is for, leniently where only the service knows what a URL means. {@link
 * ForwardedHeaders#refuse} closes what Jetty leaves open.
 */
public final class StrictHttp {
  /** The default of {@code maxHeaderBytes}. */
  public static final int MAX_HEADER_BYTES = 32 * 1024;

  /** All but what changes the host or is not sent: the path belongs to the service. */
  private static final UriCompliance URIS =
      new UriCompliance(
          "CULVERT", EnumSet.complementOf(EnumSet.of(Violation.USER_INFO, Violation.FRAGMENT)));

  private StrictHttp() {}

  /** With {@link #MAX_HEADER_BYTES}. */
  public static HttpConfiguration configuration() {
    return configuration(MAX_HEADER_BYTES);
  }

  /**
   * For the HTTP/1.1 and HTTP/2 connection factories of one connector; the caller's to change.
   *
   * @param maxHeaderBytes limit of the request line and the fields together, of the trailers, and
   *     of a response's head
   */
  public static HttpConfiguration configuration(int maxHeaderBytes) {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setHttpCompliance(HttpCompliance.STRICT);
    configuration.setUriCompliance(URIS);
    configuration.setRequestHeaderSize(maxHeaderBytes);
    configuration.setMaxResponseHeaderSize(maxHeaderBytes);
    configuration.setSendServerVersion(false);
    configuration.setSendXPoweredBy(false);
    return configuration;
  }
}
