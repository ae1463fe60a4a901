package io.culvert.relay.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpRangeTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0, true",
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.0.0.0/8, 9.255.255.255, false",
    "192.0.2.128/25, 192.0.2.127, false",
    "192.0.2.128/25, 192.0.2.128, true",
    "192.0.2.4/31, 192.0.2.5, true",
    "192.0.2.4/31, 192.0.2.6, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.8, false",
    "192.0.2.7/32, 192.0.2.7, true",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 2001:db8::1, true",
    "::/0, 192.0.2.1, false",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::, false",
    "2001:db8:0:1::/65, 2001:db8:0:1:8000::, false",
    "::1, ::1, true",
    "::1/128, ::2, false",
    "::ffff:10.0.0.0/104, 10.1.2.3, true",
    "::ffff:10.0.0.0/104, 11.1.2.3, false",
    "::ffff:10.0.0.1, 10.0.0.1, true",
    "::ffff:0:0/96, 192.0.2.1, true",
    "10.0.0.0/8, ::ffff:10.0.0.1, true",
  })
  void aRangeHasTheAddressesWithItsFirstBits(String range, String address, boolean in)
      throws Exception {
    assertEquals(in, IpRange.parse(range).test(InetAddress.getByName(address)));
  }

  @Test
  void aMappedAddressThatKeptItsSixteenBytesIsTheIpv4Address() throws Exception {
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = -1;
    mapped[12] = 10;
    mapped[15] = 1;
    InetAddress address = Inet6Address.getByAddress(null, mapped, 0);
    assertEquals(16, address.getAddress().length);

    assertTrue(IpRange.parse("10.0.0.0/8").test(address));
    mapped[0] = 1;
    assertFalse(IpRange.parse("10.0.0.0/8").test(Inet6Address.getByAddress(null, mapped, 0)));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'such as'",
    "localhost, 'such as'",
    "example.com/8, 'such as'",
    "10, 'such as'",
    "10.0/8, 'such as'",
    "010.0.0.1, 'such as'",
    "256.0.0.1, 'such as'",
    "1.2.3.4.5, 'such as'",
    "' 10.0.0.0/8', 'such as'",
    "fe80::1%lo, 'such as'",
    "[::1], 'such as'",
    "1:2, 'such as'",
    ":::, 'such as'",
    "10.0.0.0/33, '0 to 32 bits'",
    "10.0.0.0/, '0 to 32 bits'",
    "10.0.0.0/-1, '0 to 32 bits'",
    "10.0.0.0/08, '0 to 32 bits'",
    "10.0.0.0/8/8, '0 to 32 bits'",
    "10.0.0.0/255.0.0.0, '0 to 32 bits'",
    "::/129, '0 to 128 bits'",
    "::ffff:0:0/95, '96 to 128 bits'",
    "10.1.0.0/8, 'as in 10.0.0.0/8'",
    "::ffff:10.1.0.0/104, 'as in 10.0.0.0/8'",
  })
  void whatIsNoRangeIsRefusedWithWhatWasExpected(String text, String expected) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> IpRange.parse(text));
    assertTrue(refused.getMessage().contains(expected), refused.getMessage());
    assertTrue(refused.getMessage().contains(text), refused.getMessage());
  }

  @Test
  void anyOfSeveralRangesWillDoAndNoneOfNone() throws Exception {
    Predicate<InetAddress> some =
        IpRange.anyOf(List.of(IpRange.parse("10.0.0.0/8"), IpRange.parse("2001:db8::1")));

    assertTrue(some.test(InetAddress.getByName("10.9.9.9")));
    assertTrue(some.test(InetAddress.getByName("2001:db8::1")));
    assertFalse(some.test(InetAddress.getByName("2001:db8::2")));
    assertFalse(IpRange.anyOf(List.of()).test(InetAddress.getByName("10.9.9.9")));
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.0/8", "192.0.2.7/32", "2001:db8:0:0:0:0:0:0/32", "0.0.0.0/0"})
  void aRangeIsWrittenAsItIsRead(String text) {
    IpRange range = IpRange.parse(text);
    assertEquals(text, range.toString());
    assertEquals(range, IpRange.parse(range.toString()));
    assertEquals(range.hashCode(), IpRange.parse(range.toString()).hashCode());
  }
}
