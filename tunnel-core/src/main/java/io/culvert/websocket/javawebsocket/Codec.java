package io.culvert.websocket.javawebsocket;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.HandshakeState;
import org.java_websocket.enums.Opcode;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.FramedataImpl1;
import org.java_websocket.framing.TextFrame;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.HandshakeBuilder;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.handshake.ServerHandshakeBuilder;
import org.java_websocket.protocols.Protocol;

/**
 * The library's RFC 6455 codec for one WebSocket, used without its I/O. No extension is offered or
 * accepted. Encoding is thread-safe once the upgrade is done; decoding is for one thread.
 */
final class Codec extends Draft_6455 {
  static final String PROTOCOL = "Sec-WebSocket-Protocol";
  static final String EXTENSIONS = "Sec-WebSocket-Extensions";

  /** The most a frame's header takes (RFC 6455 section 5.2). */
  private static final int MAX_HEADER_BYTES = 14;

  /** Longer payloads have their length in 2 or 8 further bytes. */
  private static final int MAX_SHORT_PAYLOAD = 125;

  private static final byte FINAL_TEXT = (byte) 0x81;
  private static final byte FINAL_BINARY = (byte) 0x82;
  private static final byte MASKED_SHORT_LENGTH = (byte) (0x80 | 126);
  private static final byte MASKED_LONG_LENGTH = (byte) (0x80 | 127);

  private final FrameHeads heads;
  private final SecureRandom maskKeys = new SecureRandom();
  private final int maxMessageBytes;

  /** What the acceptor echoes; null for none. */
  private String chosen;

  private int emptyPayloads;
  private boolean closeWithoutCode;

  /** Nothing after a close frame counts. */
  private boolean closed;

  /** What is wrong with the bytes after the last frame that was decoded; null if nothing is. */
  private InvalidDataException violation;

  /**
   * @param offered the subprotocol a dialer offers; null for none
   */
  Codec(Role role, int maxMessageBytes, String offered) {
    super(List.of(), List.of(new Protocol(offered == null ? "" : offered)), maxMessageBytes);
    this.maxMessageBytes = maxMessageBytes;
    this.heads = new FrameHeads(role == Role.SERVER);
    setParseMode(role);
  }

  /** Each WebSocket has its own codec already. */
  @Override
  public Draft copyInstance() {
    return this;
  }

  /** The subprotocol to echo; before the answer is made. */
  void choose(String subprotocol) {
    chosen = subprotocol;
  }

  @Override
  public HandshakeState acceptHandshakeAsServer(ClientHandshake request)
      throws InvalidHandshakeException {
    return basicAccept(request) && !request.getFieldValue("Sec-WebSocket-Key").isEmpty()
        ? super.acceptHandshakeAsServer(request)
        : HandshakeState.NOT_MATCHED;
  }

  @Override
  public HandshakeBuilder postProcessHandshakeResponseAsServer(
      ClientHandshake request, ServerHandshakeBuilder response) throws InvalidHandshakeException {
    super.postProcessHandshakeResponseAsServer(request, response);
    response.put("Connection", "Upgrade");
    response.put("Server", "culvert");
    if (chosen != null) {
      response.put(PROTOCOL, chosen);
    }
    return response;
  }

  /** Why the answer is not the one asked for; null if it is. */
  String whyWrong(ClientHandshake request, ServerHandshake response, String offered)
      throws InvalidHandshakeException {
    if (!basicAccept(response)) {
      return "its answer has no 'Upgrade: websocket' and 'Connection: Upgrade'";
    }
    String echoed = response.getFieldValue(PROTOCOL).strip();
    if (!echoed.equals(offered == null ? "" : offered)) {
      return echoed.isEmpty()
          ? "it chose no subprotocol, expected " + offered
          : "it chose another subprotocol than "
              + (offered == null ? "none" : offered)
              + "; is it the right endpoint?";
    }
    if (!response.getFieldValue(EXTENSIONS).isBlank()) {
      return "it uses an extension that was not offered";
    }
    return acceptHandshakeAsClient(request, response) == HandshakeState.MATCHED
        ? null
        : "its Sec-WebSocket-Accept does not fit the key that was sent";
  }

  /**
   * Sees every allocation for received bytes. The library bounds only frames with a 64-bit length.
   */
  @Override
  public int checkAlloc(int bytecount) throws InvalidDataException {
    if (bytecount > (long) maxMessageBytes + MAX_HEADER_BYTES) {
      throw new LimitExceededException(maxMessageBytes);
    }
    if (bytecount == 0) {
      emptyPayloads++;
    }
    return super.checkAlloc(bytecount);
  }

  /**
   * Decodes bytes as they arrive. What is well-formed before something that is not still counts;
   * {@link #checkViolation} tells of the rest.
   */
  List<Framedata> decode(ByteBuffer bytes) {
    List<Framedata> frames = new ArrayList<>();
    int end = bytes.limit();
    try {
      while (bytes.position() < end && !closed && violation == null) {
        bytes.limit(end).limit(heads.scan(bytes));
        frames.addAll(translateFrame(bytes));
      }
    } catch (InvalidDataException e) {
      violation = e;
    } catch (NullPointerException e) {
      // That is how the library takes a close reason that is not UTF-8.
      violation = new InvalidDataException(CloseFrame.NO_UTF8, "a close reason is not UTF-8", e);
    }
    return frames;
  }

  /** Throws what was wrong with the bytes after the last frame that was decoded. */
  void checkViolation() throws InvalidDataException {
    if (violation != null) {
      throw violation;
    }
  }

  /** At most one frame; see {@link FrameHeads#scan}. */
  @Override
  public List<Framedata> translateFrame(ByteBuffer buffer) throws InvalidDataException {
    emptyPayloads = 0;
    List<Framedata> frames = super.translateFrame(buffer);
    for (Framedata frame : frames) {
      // The library turns a close frame without a code into one with code 1000.
      closed |= frame.getOpcode() == Opcode.CLOSING;
      closeWithoutCode = emptyPayloads > 0;
    }
    return frames;
  }

  /** The close code of a frame just decoded; 1005 if it has none. */
  int codeOf(CloseFrame frame) {
    return closeWithoutCode ? CloseFrame.NOCODE : frame.getCloseCode();
  }

  /**
   * Whether the first frame of a message is text or binary; to be asked once for each, in order.
   */
  Opcode kindOfNextMessage() {
    return heads.next();
  }

  /** One whole frame; the payload is copied, and masked if this is the dialer. */
  ByteBuffer encode(FramedataImpl1 frame, ByteBuffer payload) {
    frame.setPayload(payload.duplicate());
    return createBinaryFrame(frame);
  }

  /** A whole message in one frame; the payload is copied, and masked if this is the dialer. */
  ByteBuffer encodeMessage(boolean text, ByteBuffer payload) {
    // The library masks byte by byte, which would be the slowest step of all for large messages.
    return getRole() == Role.CLIENT && payload.remaining() > MAX_SHORT_PAYLOAD
        ? encodeMasked(text ? FINAL_TEXT : FINAL_BINARY, payload.duplicate())
        : encode(text ? new TextFrame() : new BinaryFrame(), payload);
  }

  /** RFC 6455 section 5.2, for payloads whose length does not fit into the second byte. */
  private ByteBuffer encodeMasked(byte first, ByteBuffer payload) {
    int length = payload.remaining();
    ByteBuffer frame = ByteBuffer.allocate(MAX_HEADER_BYTES + length).put(first);
    if (length < 1 << Short.SIZE) {
      frame.put(MASKED_SHORT_LENGTH).putShort((short) length);
    } else {
      frame.put(MASKED_LONG_LENGTH).putLong(length);
    }
    int key = maskKeys.nextInt();
    frame.putInt(key);
    long keyTwice = (long) key << Integer.SIZE | Integer.toUnsignedLong(key);
    while (payload.remaining() >= Long.BYTES) {
      frame.putLong(payload.getLong() ^ keyTwice);
    }
    // At most seven bytes are left, and eight are in the key.
    for (int shift = 56; payload.hasRemaining(); shift -= Byte.SIZE) {
      frame.put((byte) (payload.get() ^ keyTwice >> shift));
    }
    return frame.flip();
  }

  ByteBuffer encodeClose(int code, String reason) {
    CloseFrame frame = new CloseFrame();
    frame.setReason(reason);
    frame.setCode(code);
    return createBinaryFrame(frame);
  }
}
