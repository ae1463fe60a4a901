package io.culvert.frame;

import java.util.Map;

/**
 * One protocol unit inside a packet. Byte arrays in frames are shared, not copied: whoever gets one
 * must not change it. Frames are read and written, never compared.
 */
@SuppressWarnings("ArrayRecordComponent") // no equality is needed, and copying costs
public sealed interface Frame {

  /** The type on the wire. */
  FrameType type();

  /** The stream that the frame belongs to, or 0. */
  default int streamId() {
    return 0;
  }

  /**
   * Dialer's first frame. When {@code version} is not {@link Wire#VERSION} the other fields are
   * empty, because their layout is not known.
   *
   * @param window bytes that the peer may send on each stream before the first CREDIT
   * @param streams streams that the peer may open before the first STREAMS
   */
  record Hello(int version, int window, int streams, byte[] nonce, Map<String, String> metadata)
      implements Frame {
    @Override
    public FrameType type() {
      return FrameType.HELLO;
    }
  }

  /**
   * Acceptor's answer to HELLO.
   *
   * @param resumeSeconds how long the acceptor keeps a detached link; 0: it does not resume
   */
  record Welcome(
      int version,
      int window,
      int streams,
      int resumeSeconds,
      byte[] connectionId,
      byte[] secret,
      byte[] nonce)
      implements Frame {
    @Override
    public FrameType type() {
      return FrameType.WELCOME;
    }
  }

  /** Dialer's third step, of the handshake and of a resume. */
  record Confirm(byte[] proof) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.CONFIRM;
    }
  }

  /** Dialer's first frame on a socket that shall carry an existing link on. */
  record Resume(byte[] connectionId, int epoch, long received, byte[] nonce, byte[] proof)
      implements Frame {
    @Override
    public FrameType type() {
      return FrameType.RESUME;
    }
  }

  /** Acceptor's answer to RESUME. */
  record Resumed(int epoch, long received, byte[] nonce, byte[] proof) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.RESUMED;
    }
  }

  /** Acceptor's answer to a HELLO or RESUME that it does not take; the last frame on the socket. */
  record Reject(ErrorCode code, String reason) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.REJECT;
    }
  }

  /** Says nothing by itself: the packet's header carries the acknowledgement. */
  record Ack() implements Frame {
    @Override
    public FrameType type() {
      return FrameType.ACK;
    }
  }

  /** Asks for a PONG with the same content. */
  record Ping(long token, byte[] data) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.PING;
    }
  }

  /** Answers the latest PING. */
  record Pong(long token, byte[] data) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.PONG;
    }
  }

  /** Ends the connection; the last frame of its sender. */
  record Close(ErrorCode code, String reason) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.CLOSE;
    }
  }

  /** Opens a stream. */
  record Open(int streamId, Map<String, String> attributes) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.OPEN;
    }
  }

  /** Bytes of a stream: {@code length} bytes of {@code array} from {@code offset}. */
  record Data(int streamId, boolean fin, byte[] array, int offset, int length) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.DATA;
    }
  }

  /** The peer may send bytes of the stream up to, not including, this absolute offset. */
  record Credit(int streamId, long offset) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.CREDIT;
    }
  }

  /** Ends a stream in both directions at once. */
  record Reset(int streamId, ErrorCode code) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.RESET;
    }
  }

  /** The sender reads no more of the stream; the peer answers with FIN. */
  record Stop(int streamId, ErrorCode code) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.STOP;
    }
  }

  /** The peer may open this many streams in all, counted from the connection's start. */
  record Streams(int total) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.STREAMS;
    }
  }

  /**
   * The sender takes no streams above {@code lastStreamId}; {@link Wire#UNDECIDED} announces that a
   * second GOAWAY will follow.
   */
  record GoAway(int lastStreamId, ErrorCode code, String reason) implements Frame {
    @Override
    public FrameType type() {
      return FrameType.GOAWAY;
    }
  }

  /** A frame of a type that this version does not know, marked as one that may be skipped. */
  record Ignored(int typeNumber, int streamId) implements Frame {
    @Override
    public FrameType type() {
      return null;
    }
  }
}
