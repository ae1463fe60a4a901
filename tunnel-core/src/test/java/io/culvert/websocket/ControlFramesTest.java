package io.culvert.websocket;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlFramesTest {

  @ParameterizedTest
  @ValueSource(ints = {1000, 1003, 1007, 1014, 3000, 4999})
  void codesThatMayBeSentPass(int code) {
    assertDoesNotThrow(() -> ControlFrames.checkClose(code, "x".repeat(123)));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1004, 1005, 1006, 1015, 2999, 5000})
  void otherCodesDoNot(int code) {
    assertThrows(IllegalArgumentException.class, () -> ControlFrames.checkClose(code, ""));
  }

  @Test
  void whatIsTooLongIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> ControlFrames.checkClose(1000, "\u00e4".repeat(62)));
    assertThrows(
        IllegalArgumentException.class, () -> ControlFrames.checkPing(ByteBuffer.allocate(126)));
    assertDoesNotThrow(() -> ControlFrames.checkPing(ByteBuffer.allocate(125)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "\u00e4", "\u20ac", "\ud83d\ude00"})
  void aReasonIsShortenedAsLittleAsMustBeAndBetweenCharacters(String character) {
    int bytes = character.getBytes(StandardCharsets.UTF_8).length;
    assertEquals(
        character.repeat(ControlFrames.MAX_REASON_BYTES / bytes),
        ControlFrames.shorten(character.repeat(500)));
    String fits = character.repeat(ControlFrames.MAX_REASON_BYTES / bytes);
    assertEquals(fits, ControlFrames.shorten(fits));
    String odd = ControlFrames.shorten("x" + character.repeat(500));
    assertTrue(odd.getBytes(StandardCharsets.UTF_8).length <= ControlFrames.MAX_REASON_BYTES);
    assertFalse(Character.isHighSurrogate(odd.charAt(odd.length() - 1)), odd);
  }
}
