package io.culvert.relay.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who a request has passed (RFC 7239 section 6).
 *
 * @param address empty if it is not known, or hidden
 */
record Node(Optional<InetAddress> address) {
  /** Somebody of whom no address is known. */
  static final Node UNKNOWN = new Node(Optional.empty());

  // Four numbers up to 255, and nothing that has a colon and is no IPv6 address, are looked up in
  // the DNS by InetAddress.
  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 =
      Pattern.compile("(" + OCTET + "(?:\\." + OCTET + "){3})(?::[0-9]{1,5})?");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Pattern IPV6_IN_BRACKETS =
      Pattern.compile("\\[(" + IPV6 + ")](?::[0-9]{1,5})?");

  static Node of(InetAddress address) {
    return new Node(Optional.of(address));
  }

  /** Reads an address with or without a port; {@link #UNKNOWN} if it is anything else. */
  static Node parse(String text) {
    Matcher ipv4 = IPV4.matcher(text);
    Matcher bracketed = IPV6_IN_BRACKETS.matcher(text);
    if (ipv4.matches()) {
      return literal(ipv4.group(1));
    }
    if (bracketed.matches()) {
      return literal("[" + bracketed.group(1) + "]");
    }
    return IPV6.matcher(text).matches() ? literal("[" + text + "]") : UNKNOWN;
  }

  private static Node literal(String literal) {
    try {
      return of(InetAddress.getByName(literal));
    } catch (UnknownHostException e) {
      return UNKNOWN;
    }
  }

  /** As {@code X-Forwarded-For} has it. */
  String plain() {
    return address.map(Node::text).orElse("unknown");
  }

  /** As an element of {@code Forwarded} begins. */
  String forwarded() {
    boolean quoted = address.filter(known -> known instanceof Inet6Address).isPresent();
    return quoted ? "for=\"[" + plain() + "]\"" : "for=" + plain();
  }

  /** Without the name of an interface, which means something on this machine only. */
  private static String text(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}
