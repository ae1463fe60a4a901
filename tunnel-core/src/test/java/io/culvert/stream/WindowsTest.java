package io.culvert.stream;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.ProtocolException;
import org.junit.jupiter.api.Test;

class WindowsTest {

  @Test
  void theReceiverTakesExactlyWhatItGranted() throws ProtocolException {
    ReceiveWindow window = new ReceiveWindow(100);
    window.received(100);

    ProtocolException overflow = assertThrows(ProtocolException.class, () -> window.received(1));

    assertEquals(ErrorCode.FLOW_CONTROL_ERROR, overflow.code());
  }

  @Test
  void whatWasReadIsGrantedAgain() throws ProtocolException {
    ReceiveWindow window = new ReceiveWindow(100);
    window.received(100);

    assertFalse(window.consumed(49));
    assertTrue(window.consumed(1));
    assertEquals(150, window.grant());
    assertFalse(window.consumed(49));
    assertTrue(window.consumed(1));
    assertEquals(200, window.grant());

    assertDoesNotThrow(() -> window.received(100));
    assertThrows(ProtocolException.class, () -> window.received(1));
    assertEquals(201, window.receivedTotal());
  }

  @Test
  void aWindowOfOneByteIsGrantedByteByByte() throws ProtocolException {
    ReceiveWindow window = new ReceiveWindow(1);
    for (int i = 1; i <= 10; i++) {
      window.received(1);
      assertTrue(window.consumed(1));
      assertEquals(i + 1, window.grant());
    }
  }

  @Test
  void aWiderWindowIsNewCredit() {
    ReceiveWindow window = new ReceiveWindow(100);

    assertTrue(window.grow(100));
    assertEquals(200, window.grant());
    assertFalse(window.grow(50), "a quarter of the window is not worth a frame");
    assertEquals(250, window.window());
  }

  @Test
  void theSenderStopsAtTheAbsoluteOffset() {
    SendWindow window = new SendWindow(100);
    window.sent(60);
    assertEquals(40, window.available());
    assertFalse(window.granted(120), "was not blocked");
    assertEquals(60, window.available());
    window.sent(60);
    assertEquals(0, window.available());

    assertFalse(window.granted(120), "the same again");
    assertFalse(window.granted(5), "an older one");
    assertTrue(window.granted(121));
    assertEquals(1, window.available());
  }

  @Test
  void theLargestOffsetDoesNotOverflow() {
    SendWindow window = new SendWindow(0);

    assertTrue(window.granted(Long.MAX_VALUE));
    assertEquals(Integer.MAX_VALUE, window.available());
    window.sent(Integer.MAX_VALUE);
    assertEquals(Integer.MAX_VALUE, window.available());
  }
}
