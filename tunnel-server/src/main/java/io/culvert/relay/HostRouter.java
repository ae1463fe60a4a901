package io.culvert.relay;

import io.culvert.rendezvous.Rendezvous;
import java.util.Locale;
import java.util.Optional;

/** Which name a host is: {@code name.domain}, whatever its case. Immutable. */
final class HostRouter {
  /** With a dot in front; null without a domain. */
  private final String suffix;

  /** Null without one. */
  private final String defaultName;

  /**
   * @param domain below which each name is a host; null: none is
   * @param defaultName what all other hosts are; null: nothing
   */
  HostRouter(String domain, String defaultName) {
    suffix = domain == null ? null : "." + withoutLastDot(domain).toLowerCase(Locale.ROOT);
    this.defaultName = defaultName;
  }

  /**
   * The name that a request is for.
   *
   * @param host of the request's authority, without a port; null or empty if it has none
   */
  Optional<String> name(String host) {
    String plain = host == null ? "" : withoutLastDot(host).toLowerCase(Locale.ROOT);
    if (suffix != null && plain.endsWith(suffix)) {
      String label = plain.substring(0, plain.length() - suffix.length());
      return Rendezvous.isName(label) ? Optional.of(label) : Optional.empty();
    }
    return Optional.ofNullable(defaultName);
  }

  /** Whether the host lies below the domain. */
  boolean belowDomain(String host) {
    return suffix != null
        && host != null
        && withoutLastDot(host).toLowerCase(Locale.ROOT).endsWith(suffix);
  }

  /** The host of a name; empty if it has none of its own and is not the default. */
  Optional<String> host(String name) {
    return suffix == null ? Optional.empty() : Optional.of(name + suffix);
  }

  /** Whether hosts that are no name's are this one's. */
  boolean isDefault(String name) {
    return name.equals(defaultName);
  }

  private static String withoutLastDot(String host) {
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }
}
