package io.culvert.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A whole WebSocket message, as {@link BlockingWebSocket} reads and writes it. */
public sealed interface Message {

  /** The remaining bytes are the message. */
  ByteBuffer bytes();

  /**
   * A text message.
   *
   * @param bytes UTF-8, which nobody has checked when it was read; others are sent as they are (but
   *     see {@link Feature#ANY_TEXT})
   */
  record Text(ByteBuffer bytes) implements Message {
    public Text {
      Objects.requireNonNull(bytes, "bytes");
    }

    /** The text in UTF-8. */
    public Text(String text) {
      this(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The text; malformed bytes become U+FFFD. */
    public String string() {
      return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
  }

  /** A binary message. */
  record Binary(ByteBuffer bytes) implements Message {
    public Binary {
      Objects.requireNonNull(bytes, "bytes");
    }
  }
}
