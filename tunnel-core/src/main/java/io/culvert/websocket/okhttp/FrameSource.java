package io.culvert.websocket.okhttp;

import java.io.IOException;
import java.nio.ByteBuffer;
import okio.Buffer;
import okio.BufferedSource;
import okio.Okio;
import okio.Source;
import okio.Timeout;

/**
 * What OkHttp reads instead of the socket, frame by frame: it asks for more only when it has
 * delivered what it got. So this is where a paused WebSocket waits, and where pongs, which OkHttp
 * does not report, are taken out in their order. OkHttp gathers a message of any length and makes a
 * String of a text; here the length is bounded first, and text passes as binary.
 *
 * <p>For one thread, the reader.
 */
final class FrameSource implements Source {

  /** Told on the reader's thread. */
  interface Owner {
    void onPong(ByteBuffer data);

    /** A message is longer than allowed. Once; all that comes later is skipped. */
    void onTooLong();
  }

  private final Source socket;
  private final BufferedSource in;
  private final int maxMessageBytes;
  private final Gate gate;
  private final Owner owner;

  /** A header under way to OkHttp. */
  private final Buffer head = new Buffer();

  /** What is left of the payload whose header has gone to OkHttp. */
  private long payloadLeft;

  /** How long the current message is, as far as its headers have come. */
  private long messageBytes;

  private boolean text;
  private boolean skipping;

  FrameSource(Source socket, int maxMessageBytes, Gate gate, Owner owner) {
    this.socket = socket;
    this.in = Okio.buffer(socket);
    this.maxMessageBytes = maxMessageBytes;
    this.gate = gate;
    this.owner = owner;
  }

  /** Whether the message that OkHttp delivers now is text. */
  boolean text() {
    return text;
  }

  @Override
  public long read(Buffer sink, long byteCount) throws IOException {
    while (true) {
      gate.pass();
      if (!head.exhausted()) {
        return head.read(sink, byteCount);
      }
      if (payloadLeft > 0) {
        long count = in.read(sink, Math.min(byteCount, payloadLeft));
        payloadLeft -= Math.max(0, count);
        return count;
      }
      if (!in.request(FrameHead.MIN_BYTES)) {
        return -1;
      }
      onFrame(FrameHead.peek(in));
    }
  }

  private void onFrame(FrameHead frame) throws IOException {
    if (frame.pong()) {
      in.skip(frame.headBytes());
      owner.onPong(ByteBuffer.wrap(in.readByteArray(frame.payloadBytes())));
    } else if (frame.ofMessage() && !admits(frame)) {
      in.skip(frame.headBytes());
      in.skip(frame.payloadBytes());
    } else {
      int opcode = frame.opcode();
      in.skip(1);
      head.writeByte(frame.firstAs(opcode == FrameHead.TEXT ? FrameHead.BINARY : opcode));
      head.write(in, frame.headBytes() - 1L);
      payloadLeft = Math.max(0, frame.payloadBytes());
    }
  }

  private boolean admits(FrameHead frame) {
    if (frame.opcode() != FrameHead.CONTINUATION) {
      messageBytes = 0;
      text = frame.opcode() == FrameHead.TEXT;
    }
    if (!skipping && frame.payloadBytes() > maxMessageBytes - messageBytes) {
      skipping = true;
      owner.onTooLong();
    }
    messageBytes += Math.max(0, frame.payloadBytes());
    return !skipping;
  }

  @Override
  public Timeout timeout() {
    return socket.timeout();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
