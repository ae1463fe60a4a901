package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.Feature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The part of {@link WebSocketContract} about text messages (R1, W1). */
public abstract class WebSocketTextContract extends WebSocketMessageContract {
  /** Characters of one, two, three and four bytes. */
  private static final String CHARACTERS = "a\u00e4\u20ac\ud83d\ude00";

  private static final int CHARACTERS_BYTES = 10;

  /** Text of exactly so many bytes, most of its characters longer than one. */
  protected static ByteBuffer text(int bytes) {
    String text =
        CHARACTERS.repeat(bytes / CHARACTERS_BYTES) + "x".repeat(bytes % CHARACTERS_BYTES);
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10, 125, 126, 127, 65_535, 65_536, MAX_MESSAGE_BYTES})
  void textOfEverySizeArrivesWholeBothWays(int length) throws IOException {
    Ends ends = connect();
    for (End from : End.values()) {
      Sends sends = new Sends(ends.of(from));
      sends.sendText(text(length));
      assertEquals(text(length), heardBy(from.peer()).next(Event.Text.class).message());
      sends.awaitAllSucceeded();
    }
  }

  @Test
  void textAndBinaryKeepOneOrder() throws IOException {
    Ends ends = connect();
    for (End from : End.values()) {
      Sends sends = new Sends(ends.of(from));
      for (int i = 0; i < 500; i++) {
        if (i % 3 == 0) {
          sends.sendText(text(i));
        } else {
          sends.send(bytes(i, i));
        }
      }
      RecordingListener to = heardBy(from.peer());
      for (int i = 0; i < 500; i++) {
        assertEquals(
            i % 3 == 0 ? new Event.Text(text(i)) : new Event.Binary(bytes(i, i)), to.next());
      }
      sends.awaitAllSucceeded();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void onlyTheRemainingBytesOfATextAreSent(End from) throws IOException {
    Ends ends = connect();
    ByteBuffer message = text(100).position(10).limit(90).asReadOnlyBuffer();
    new Sends(ends.of(from)).sendText(message);
    assertEquals(text(80), heardBy(from.peer()).next(Event.Text.class).message());
    assertEquals(80, message.remaining());
  }

  /** Fewer characters than the limit has bytes: it is the bytes that count. */
  @ParameterizedTest
  @EnumSource(End.class)
  void textBeyondTheLimitClosesWith1009(End from) throws IOException {
    Ends ends = connect();
    new Sends(ends.of(from)).sendText(text(MAX_MESSAGE_BYTES + 1));
    assertEquals(1009, heardBy(from.peer()).next(Event.Close.class).code());
    Event.Close atSender = heardBy(from).awaitClose();
    if (!lacks(from.peer(), Feature.CLOSE_CODES)) {
      assertTooBigAtSender(atSender);
    }
  }

  /** Lone, truncated, overlong, a surrogate, beyond Unicode; and between good characters. */
  @ParameterizedTest
  @ValueSource(strings = {"ff", "80", "c3", "e282", "c080", "eda080", "f4908080", "61ff62", "00c3"})
  void textThatIsNotUtf8ArrivesAsItIs(String hex) throws IOException {
    ByteBuffer message = ByteBuffer.wrap(java.util.HexFormat.of().parseHex(hex));
    for (End from : End.values()) {
      Ends ends = connect();
      Sends sends = new Sends(ends.of(from));
      sends.sendText(message.duplicate());
      sends.awaitCompleted();
      Event event = null;
      if (lacks(from, Feature.ANY_TEXT)) {
        assertEquals(1, sends.failed());
      } else if (lacks(from.peer(), Feature.ANY_TEXT)) {
        event = heardBy(from.peer()).next();
        assertRefusedOrReplaced(event);
      } else {
        assertEquals(new Event.Text(message), heardBy(from.peer()).next());
      }
      ends.of(from).abort();
      heardBy(from).awaitClose();
      if (!(event instanceof Event.Close)) {
        heardBy(from.peer()).awaitClose();
      }
      accepted.reset();
      dialed.reset();
    }
  }

  /** What a receiver does that lacks {@link Feature#ANY_TEXT}. */
  protected static void assertRefusedOrReplaced(Event event) {
    if (event instanceof Event.Text text) {
      String received = StandardCharsets.UTF_8.decode(text.message()).toString();
      assertTrue(received.contains("\ufffd"), received);
    } else {
      assertTrue(
          event instanceof Event.Close close && close.code() == 1007,
          () -> "expected U+FFFD or code 1007, but got " + event);
    }
  }

  /** The sender may find the socket broken before it has read why. */
  protected static void assertTooBigAtSender(Event.Close close) {
    assertTrue(close.code() == 1009 || close.code() == 1006, close::toString);
  }
}
