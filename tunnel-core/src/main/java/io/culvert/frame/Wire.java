package io.culvert.frame;

/**
 * Sizes and constants of the wire format. Integers are big-endian and unsigned.
 *
 * <pre>
 *  packet   0       1       2               4                               12
 *           +-------+-------+---------------+-------------------------------+-------------------------------+
 *           | kind  | flags |   reserved    |              ack              |              seq              |  frames ...
 *           +-------+-------+---------------+-------------------------------+-------------------------------+
 *  frame    0       1       2               4                       8
 *           +-------+-------+---------------+-----------------------+
 *           | type  | flags | payload length|       stream id       |  payload ...
 *           +-------+-------+---------------+-----------------------+
 * </pre>
 */
public final class Wire {
  /** The version of the protocol that this code speaks. */
  public static final int VERSION = 1;

  /** The WebSocket subprotocol. */
  public static final String SUBPROTOCOL = "culvert.v1";

  /** Bytes before a packet's first frame. */
  public static final int PACKET_HEADER = 20;

  /** Bytes before a frame's payload. */
  public static final int FRAME_HEADER = 8;

  /** A packet's largest size, header included: large enough for speed, small enough to share. */
  public static final int MAX_PACKET = 64 * 1024;

  /** DATA: the sender's last bytes of this stream. */
  public static final int FLAG_FIN = 0x01;

  /** Any frame: a receiver that does not know the type skips the frame. */
  public static final int FLAG_IGNORABLE = 0x80;

  /** Bytes of a nonce, of the resume secret and of a proof (HMAC-SHA256). */
  public static final int SECRET_BYTES = 32;

  /** Bytes of a connection id. */
  public static final int ID_BYTES = 16;

  /** PING and PONG carry at most this many bytes of application data. */
  public static final int MAX_PING_DATA = 255;

  /** REJECT, CLOSE and GOAWAY carry at most this many bytes of UTF-8 reason. */
  public static final int MAX_REASON = 1024;

  /** OPEN carries at most this many bytes of encoded attributes. */
  public static final int MAX_ATTRIBUTES = 4 * 1024;

  /** HELLO carries at most this many bytes of encoded metadata: what a packet has room for. */
  public static final int MAX_METADATA = MAX_PACKET - PACKET_HEADER - FRAME_HEADER - 42;

  /** GOAWAY's last stream id while the sender has not decided yet: the first of the two steps. */
  public static final int UNDECIDED = 0x7fff_ffff;

  private Wire() {}
}
