package io.culvert.agent;

import io.culvert.websocket.TlsMaterial;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * The service behind an agent: the only one that it ever connects, whatever a request says.
 * Immutable.
 */
public final class Upstream {
  /** How long connecting may take, name lookup and TLS included, unless it is set. */
  public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final UpstreamAddress address;
  private final SSLContext authorities;
  private final boolean insecure;
  private final Duration connectTimeout;

  private Upstream(
      UpstreamAddress address, SSLContext authorities, boolean insecure, Duration connectTimeout) {
    this.address = address;
    this.authorities = authorities;
    this.insecure = insecure;
    this.connectTimeout = connectTimeout;
  }

  /**
   * Reads where the service is.
   *
   * @param url {@code http://host:port}; {@code https://host[:port]}, for HTTP/1.1 over TLS whose
   *     certificate and host name are checked; {@code h2c://host:port}, for a service that takes
   *     HTTP/2 without TLS and upgrade; {@code unix:/path} or {@code unix+h2c:/path}, for a Unix
   *     socket
   * @throws IllegalArgumentException if it is none of these; says what is wrong and quotes no
   *     credentials
   */
  public static Upstream parse(String url) {
    return new Upstream(
        UpstreamAddress.parse(Objects.requireNonNull(url, "url")), null, false, CONNECT_TIMEOUT);
  }

  /**
   * The same, but trusting only the certificate authorities in this PEM file.
   *
   * @throws IllegalStateException unless the URL is {@code https}
   * @throws IOException if the file cannot be read or holds no certificate
   */
  public Upstream trust(Path file) throws IOException {
    return new Upstream(
        overTls("trusted authorities"), TlsMaterial.clientTrusting(file), false, connectTimeout);
  }

  /**
   * The same, but taking any certificate of any host: for a development server with one that it has
   * signed itself. Whoever sits between agent and service can read and change everything.
   *
   * @throws IllegalStateException unless the URL is {@code https}
   */
  public Upstream insecure() {
    return new Upstream(overTls("'insecure'"), null, true, connectTimeout);
  }

  /** The same with another limit for connecting, name lookup and TLS included. */
  public Upstream connectTimeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("connect timeout must be positive: " + timeout);
    }
    return new Upstream(address, authorities, insecure, timeout);
  }

  private UpstreamAddress overTls(String what) {
    if (!address.tls()) {
      throw new IllegalStateException(
          what + " are of use for an https:// upstream only, but it is " + this);
    }
    return address;
  }

  /** Whether it speaks HTTP/2 without TLS, which the agent tells its relay; else HTTP/1.1. */
  public boolean h2c() {
    return address.h2c();
  }

  /** Whether it is connected with TLS. */
  public boolean tls() {
    return address.tls();
  }

  /** Whether its certificate is not checked. */
  public boolean isInsecure() {
    return insecure;
  }

  /** See {@link #connectTimeout(Duration)}. */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /**
   * What a request that the agent makes itself says as Host: host, and port unless it is the
   * scheme's.
   */
  public String authority() {
    return address.authority();
  }

  /** The Unix socket; empty for TCP. */
  Optional<UnixDomainSocketAddress> unix() {
    return address.path().map(UnixDomainSocketAddress::of);
  }

  String host() {
    return address.host();
  }

  int port() {
    return address.port();
  }

  /** Made anew at each call; null without TLS. The caller starts and stops it. */
  SslContextFactory.Client newTls() {
    if (!address.tls()) {
      return null;
    }
    SslContextFactory.Client tls = new SslContextFactory.Client(insecure);
    tls.setEndpointIdentificationAlgorithm(insecure ? null : "HTTPS");
    if (authorities != null) {
      tls.setSslContext(authorities);
    }
    return tls;
  }

  /** The URL that was parsed, with its port; holds no secret. */
  @Override
  public String toString() {
    return address.toString();
  }
}
