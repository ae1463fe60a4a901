package io.culvert.swaggersocket;

import com.google.gson.JsonObject;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The three messages that begin a connection, as either side: metadata up, the connection's id
 * down, an acknowledgement up. Bytes in, bytes out; not thread-safe.
 */
final class SwaggerHandshake {
  private static final String METADATA = "ClientHandshakeMetaData";
  private static final String CONNECTION_ID = "ServerHandshakeConnectionID";
  private static final String ACK = "ClientHandshakeAckFrame";

  /** What surrounds the metadata in its message, and room for other ways to write it. */
  private static final int ENVELOPE_BYTES = 128;

  /** The other messages need a hundred bytes, if the peer adds no fields of its own. */
  private static final int MAX_OTHER_BYTES = 4 << 10;

  /** Of the peer's text in an error; and of an id, which is a UUID of 36. */
  private static final int MAX_QUOTED_CHARS = 40;

  private final boolean dialer;
  private final int metadataLimit;
  private Map<String, String> metadata;
  private String id;

  /** What is to come next; null when the handshake is complete. */
  private String expected;

  private SwaggerHandshake(
      boolean dialer, Map<String, String> metadata, String id, int metadataLimit) {
    this.dialer = dialer;
    this.metadata = metadata;
    this.id = id;
    this.metadataLimit = metadataLimit;
    this.expected = dialer ? CONNECTION_ID : METADATA;
  }

  /** The side that says what it is and is given an id. */
  static SwaggerHandshake dialer(Map<String, String> metadata) {
    return new SwaggerHandshake(true, Map.copyOf(metadata), "", 0);
  }

  /**
   * The side that gives the id.
   *
   * @param metadataLimit bytes of JSON
   */
  static SwaggerHandshake acceptor(String id, int metadataLimit) {
    return new SwaggerHandshake(false, Map.of(), id, metadataLimit);
  }

  /** What goes out before anything has come in; null if nothing does. */
  byte[] begin() {
    return dialer ? message(METADATA, ",\"Meta\":" + HandshakeJson.text(metadata)) : null;
  }

  /**
   * Takes the peer's next message; not to be called when the handshake is complete.
   *
   * @return what goes out next, null if nothing does
   * @throws ProtocolException if it is not what was to come: the connection cannot begin
   */
  byte[] receive(ByteBuffer message) throws ProtocolException {
    checkSize(message.remaining());
    try {
      return answer(HandshakeJson.object(message));
    } catch (ProtocolException e) {
      throw new ProtocolException(expectation() + "but " + e.getMessage());
    }
  }

  private byte[] answer(JsonObject object) throws ProtocolException {
    String type = HandshakeJson.string(object, "Type");
    if (!type.equals(expected)) {
      throw new ProtocolException("got one of the type \"" + quoted(type) + "\"");
    }
    switch (expected) {
      case METADATA -> {
        metadata = HandshakeJson.metadata(HandshakeJson.field(object, "Meta"));
        expected = ACK;
        return message(CONNECTION_ID, ",\"ConnectionID\":" + HandshakeJson.text(id));
      }
      case CONNECTION_ID -> {
        id = checkedId(HandshakeJson.string(object, "ConnectionID"));
        expected = null;
        return message(ACK, "");
      }
      default -> {
        expected = null;
        return null;
      }
    }
  }

  private void checkSize(int size) throws ProtocolException {
    boolean first = METADATA.equals(expected);
    int limit = first ? metadataLimit + ENVELOPE_BYTES : MAX_OTHER_BYTES;
    if (size > limit) {
      ErrorCode code = first ? ErrorCode.METADATA_TOO_LARGE : ErrorCode.PROTOCOL_ERROR;
      throw new ProtocolException(
          code, expectation() + "of at most " + limit + " bytes but got " + size);
    }
  }

  private String expectation() {
    return "expected the swaggersocket handshake message " + expected + " ";
  }

  /** The peer's text, short and on one line: it goes into logs. */
  private static String quoted(String text) {
    String start = text.substring(0, Math.min(text.length(), MAX_QUOTED_CHARS));
    return start.replaceAll("\\P{Print}", "?") + (start.length() < text.length() ? "..." : "");
  }

  private String checkedId(String given) throws ProtocolException {
    if (given.isEmpty() || !given.equals(quoted(given))) {
      throw new ProtocolException(
          "got an id that is not 1 to "
              + MAX_QUOTED_CHARS
              + " printable characters: \""
              + quoted(given)
              + "\"");
    }
    return given;
  }

  /** Whether the connection exists. */
  boolean complete() {
    return expected == null;
  }

  /** The connection's id; empty while a dialer was not given one. */
  String id() {
    return id;
  }

  /** What the dialer said about itself; unmodifiable. */
  Map<String, String> metadata() {
    return metadata;
  }

  private static byte[] message(String type, String fields) {
    return HandshakeJson.utf8("{\"Type\":\"" + type + "\"" + fields + "}\n");
  }
}
