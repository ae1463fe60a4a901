package io.culvert.link;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.Packets;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HandshakeTest {
  private static final Map<String, String> METADATA = Map.of("app", "demo");

  private final Handshake dialer = new Handshake(new Random(1));
  private final Handshake acceptor = new Handshake(new Random(2));

  @Test
  void bothSidesLearnTheSame() throws ProtocolException {
    Frame.Hello hello = dialer.hello(100, 10, METADATA);
    Frame.Welcome welcome = acceptor.welcome(hello, 200, 20, 60, 1000);
    acceptor.confirmed(dialer.confirm(welcome));

    assertEquals(dialer.connectionId(), acceptor.connectionId());
    assertTrue(dialer.connectionId().matches("[0-9a-f]{32}"), dialer.connectionId());
    assertEquals(METADATA, dialer.metadata());
    assertEquals(METADATA, acceptor.metadata());
    assertEquals(200, dialer.peerWindow());
    assertEquals(20, dialer.peerStreams());
    assertEquals(100, acceptor.peerWindow());
    assertEquals(10, acceptor.peerStreams());
  }

  @Test
  void resumingIsNotOfferedYet() throws ProtocolException {
    Frame.Welcome welcome = acceptor.welcome(dialer.hello(1, 1, METADATA), 1, 1, 0, 1000);

    assertEquals(0, welcome.resumeSeconds());
  }

  @Test
  void everyNonceIdAndSecretIsNew() throws ProtocolException {
    Frame.Hello first = dialer.hello(1, 1, METADATA);
    Frame.Hello second = dialer.hello(1, 1, METADATA);
    Frame.Welcome one = acceptor.welcome(first, 1, 1, 0, 1000);
    Frame.Welcome two = acceptor.welcome(first, 1, 1, 0, 1000);

    assertFalse(Arrays.equals(first.nonce(), second.nonce()));
    assertFalse(Arrays.equals(one.nonce(), two.nonce()));
    assertFalse(Arrays.equals(one.secret(), two.secret()));
    assertFalse(Arrays.equals(one.connectionId(), two.connectionId()));
    assertFalse(Arrays.equals(one.secret(), one.nonce()));
  }

  @Test
  void aProofOfAnotherHandshakeIsRefused() throws ProtocolException {
    Frame.Hello hello = dialer.hello(1, 1, METADATA);
    Frame.Welcome old = acceptor.welcome(hello, 1, 1, 0, 1000);
    acceptor.welcome(hello, 1, 1, 0, 1000);
    Frame.Confirm replayed = dialer.confirm(old);

    ProtocolException refusal =
        assertThrows(ProtocolException.class, () -> acceptor.confirmed(replayed));

    assertEquals(ErrorCode.PROTOCOL_ERROR, refusal.code());
  }

  @Test
  void anotherVersionIsRefused() {
    Frame.Hello hello = new Frame.Hello(2, 0, 0, new byte[0], Map.of());

    ProtocolException refusal =
        assertThrows(ProtocolException.class, () -> acceptor.welcome(hello, 1, 1, 0, 1000));

    assertEquals(ErrorCode.UNSUPPORTED_VERSION, refusal.code());
    assertEquals("the dialer speaks version 2, the acceptor 1", refusal.getMessage());
  }

  @Test
  void metadataBeyondTheAcceptorsLimitIsRefused() {
    Frame.Hello hello = dialer.hello(1, 1, METADATA); // 1 + 3 + 2 + 4 bytes

    assertDoesNotThrow(() -> acceptor.welcome(hello, 1, 1, 0, 10));
    ProtocolException refusal =
        assertThrows(ProtocolException.class, () -> acceptor.welcome(hello, 1, 1, 0, 9));

    assertEquals(ErrorCode.METADATA_TOO_LARGE, refusal.code());
    assertEquals("the metadata has 10 bytes; the acceptor takes 9", refusal.getMessage());
  }

  /** Else HELLO would fail when it is written, far from who gave the metadata. */
  @Test
  void metadataThatFitsIntoNoPacketIsTheCallersMistake() {
    Map<String, String> largest = Map.of("n", "v".repeat(Wire.MAX_METADATA - 4));
    Map<String, String> tooLarge = Map.of("n", "v".repeat(Wire.MAX_METADATA - 3));

    assertEquals(Wire.MAX_PACKET, Packets.ctrl(0, dialer.hello(1, 1, largest)).remaining());
    assertThrows(IllegalArgumentException.class, () -> dialer.hello(1, 1, tooLarge));
    assertThrows(IllegalArgumentException.class, () -> dialer.hello(1, 1, Map.of("", "v")));
  }
}
