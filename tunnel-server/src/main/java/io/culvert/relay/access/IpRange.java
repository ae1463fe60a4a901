package io.culvert.relay.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Addresses with a common prefix, such as {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or a single
 * one. An IPv4 address and the IPv6 address that it is mapped to ({@code ::ffff:10.0.0.1}) are the
 * same. Names are never looked up, which Jetty's {@code InetAddressSet} does. Immutable.
 */
public final class IpRange implements Predicate<InetAddress> {
  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Pattern NEAR = Pattern.compile("[0-9A-Fa-f:./]{0,50}");
  private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");

  /** Of an IPv4 address in an IPv6 address: ten zeros and two ones are in front. */
  private static final int MAPPED_BITS = 96;

  private final byte[] network;
  private final int prefix;

  private IpRange(byte[] network, int prefix) {
    this.network = network;
    this.prefix = prefix;
  }

  /**
   * Reads an address, or an address, a slash and the number of bits that count.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static IpRange parse(String text) {
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    byte[] address = address(literal, text);
    int offset = literal.indexOf(':') >= 0 && address.length == 4 ? MAPPED_BITS : 0;
    int most = offset + address.length * 8;
    int prefix = slash < 0 ? most : prefix(text.substring(slash + 1), offset, most, text);
    IpRange range = new IpRange(masked(address, prefix - offset), prefix - offset);
    if (!Arrays.equals(range.network, address)) {
      throw new IllegalArgumentException(
          "expected no bits after the first " + prefix + ", as in " + range + ", but got " + text);
    }
    return range;
  }

  private static byte[] address(String literal, String text) {
    // What is neither would be looked up.
    if (IPV4.matcher(literal).matches()) {
      return bytes(literal, text);
    }
    if (IPV6.matcher(literal).matches()) {
      return bytes("[" + literal + "]", text);
    }
    throw malformed(text);
  }

  private static byte[] bytes(String literal, String text) {
    try {
      return InetAddress.getByName(literal).getAddress();
    } catch (UnknownHostException e) {
      throw malformed(text);
    }
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "expected an IP address or range such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32, but got "
            + quote(text));
  }

  /** Something else may have come here by mistake, such as a token. */
  private static String quote(String text) {
    return NEAR.matcher(text).matches() ? "'" + text + "'" : YamlNode.quote(text);
  }

  private static int prefix(String digits, int least, int most, String text) {
    if (PREFIX.matcher(digits).matches()) {
      int prefix = Integer.parseInt(digits);
      if (prefix >= least && prefix <= most) {
        return prefix;
      }
    }
    throw new IllegalArgumentException(
        "expected " + least + " to " + most + " bits after the slash, but got " + quote(text));
  }

  private static byte[] masked(byte[] address, int prefix) {
    byte[] network = new byte[address.length];
    for (int i = 0; i < network.length; i++) {
      int bits = Math.min(8, Math.max(0, prefix - i * 8));
      network[i] = (byte) (address[i] & (0xff00 >> bits));
    }
    return network;
  }

  /** The addresses that are in one of the ranges; none if there are no ranges. */
  public static Predicate<InetAddress> anyOf(List<IpRange> ranges) {
    List<IpRange> all = List.copyOf(ranges);
    return address -> all.stream().anyMatch(range -> range.test(address));
  }

  /** Whether the address is one of these. */
  @Override
  public boolean test(InetAddress address) {
    byte[] bytes = unmapped(address.getAddress());
    return bytes.length == network.length && Arrays.equals(masked(bytes, prefix), network);
  }

  /** The range of all addresses that have the first bits of this one in common. */
  static IpRange around(InetAddress address, int ipv4Bits, int ipv6Bits) {
    byte[] bytes = unmapped(address.getAddress());
    int prefix = bytes.length == 4 ? ipv4Bits : ipv6Bits;
    return new IpRange(masked(bytes, prefix), prefix);
  }

  /**
   * An {@code Inet6Address} of a mapped address can be made, though the JDK's parser makes none.
   */
  private static byte[] unmapped(byte[] address) {
    if (address.length != 16 || address[10] != -1 || address[11] != -1) {
      return address;
    }
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return address;
      }
    }
    return Arrays.copyOfRange(address, 12, 16);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IpRange range
        && prefix == range.prefix
        && Arrays.equals(network, range.network);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(network) * 31 + prefix;
  }

  /** The address and the number of its bits, as {@link #parse} reads it. */
  @Override
  public String toString() {
    try {
      return InetAddress.getByAddress(network).getHostAddress() + "/" + prefix;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }
}
