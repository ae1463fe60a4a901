package io.culvert.relay;

import java.util.Optional;
import org.eclipse.jetty.server.ServerConnector;

/** Where the public side reaches a name. */
final class PublicUrls {
  private final HostRouter hosts;
  private final ServerConnector port;
  private final boolean tls;

  PublicUrls(HostRouter hosts, ServerConnector port, boolean tls) {
    this.hosts = hosts;
    this.port = port;
    this.tls = tls;
  }

  /**
   * As seen by somebody who reaches this very port; empty if the name has no host that is known
   * here.
   */
  Optional<String> of(String name) {
    Optional<String> host = hosts.host(name);
    if (host.isEmpty() && hosts.isDefault(name)) {
      host =
          Optional.of(port.getHost().contains(":") ? "[" + port.getHost() + "]" : port.getHost());
    }
    int number = port.getLocalPort();
    boolean usual = number == (tls ? 443 : 80);
    return host.map(known -> (tls ? "https://" : "http://") + known + (usual ? "" : ":" + number));
  }
}
