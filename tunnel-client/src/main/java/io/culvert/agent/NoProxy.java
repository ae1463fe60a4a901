package io.culvert.agent;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Hosts that are dialed without the proxy, as curl reads {@code no_proxy}: separated by commas or
 * blanks; {@code *} alone for all; a name also covers its subdomains; an address may be a network,
 * {@code 10.0.0.0/8}.
 */
final class NoProxy {
  private final List<String> entries;

  private NoProxy(List<String> entries) {
    this.entries = entries;
  }

  static NoProxy parse(String list) {
    return new NoProxy(
        Arrays.stream(list.toLowerCase(Locale.ROOT).split("[,\\s]+", -1))
            .map(NoProxy::bare)
            .filter(entry -> !entry.isEmpty())
            .toList());
  }

  /** Without the dots around a name, and the brackets of an IPv6 address. */
  private static String bare(String entry) {
    String name = entry.startsWith(".") ? entry.substring(1) : entry;
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    return name.replace("[", "").replace("]", "");
  }

  boolean covers(String host) {
    String name = bare(host.toLowerCase(Locale.ROOT));
    byte[] address = address(name);
    return entries.equals(List.of("*"))
        || entries.stream()
            .anyMatch(
                entry ->
                    address == null
                        ? name.equals(entry) || name.endsWith("." + entry)
                        : covers(entry, address));
  }

  private static boolean covers(String entry, byte[] address) {
    int slash = entry.indexOf('/');
    byte[] network = address(slash < 0 ? entry : entry.substring(0, slash));
    if (network == null || network.length != address.length) {
      return false;
    }
    int bits = slash < 0 ? 8 * network.length : bits(entry.substring(slash + 1));
    return bits >= 0 && bits <= 8 * network.length && samePrefix(network, address, bits);
  }

  private static int bits(String text) {
    return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
  }

  private static boolean samePrefix(byte[] one, byte[] other, int bits) {
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % 8);
      if ((one[bit / 8] & mask) != (other[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  /** Null if it is a name; looks nothing up. */
  private static byte[] address(String text) {
    boolean literal = text.contains(":") || text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    try {
      return literal ? InetAddress.getByName(text).getAddress() : null;
    } catch (UnknownHostException e) {
      return null;
    }
  }
}
