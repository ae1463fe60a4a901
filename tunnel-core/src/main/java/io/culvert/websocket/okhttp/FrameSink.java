package io.culvert.websocket.okhttp;

import io.culvert.websocket.WebSocket.Completion;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import okio.Buffer;
import okio.ByteString;
import okio.Sink;
import okio.Timeout;

/**
 * What OkHttp writes to instead of the socket. OkHttp says neither when a message was written nor
 * does it send pings, and of text it takes only Strings; but it flushes every frame. So everything
 * is given to it as a binary message, gets the opcode that was meant here, and is known to be
 * written when its flush returns.
 *
 * <p>Sending is thread-safe; the {@link Sink} is for one thread at a time, OkHttp's writer.
 */
final class FrameSink implements Sink {

  private record Outgoing(int opcode, Completion written) {}

  private final Sink socket;
  private final Runnable onCloseWritten;

  /** What OkHttp has been given and has not written, in its order. Guarded by itself. */
  private final Deque<Outgoing> outgoing = new ArrayDeque<>();

  // The writer's own.
  private final Buffer frames = new Buffer();
  private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();

  /**
   * @param onCloseWritten run on the writer's thread when the close frame is written
   */
  FrameSink(Sink socket, Runnable onCloseWritten) {
    this.socket = socket;
    this.onCloseWritten = onCloseWritten;
  }

  /**
   * Gives OkHttp a message.
   *
   * @param opcode of a message, or of a ping if there are at most 125 bytes
   * @param written run on the writer's thread, with null; not run if the socket breaks before
   * @return false if OkHttp sends nothing any more
   */
  boolean send(okhttp3.WebSocket webSocket, int opcode, ByteString data, Completion written) {
    synchronized (outgoing) { // so that both have the same order
      outgoing.addLast(new Outgoing(opcode, written));
      if (webSocket.send(data)) {
        return true;
      }
      outgoing.removeLast();
      return false;
    }
  }

  /** How many messages and pings wait to be written. */
  int waiting() {
    synchronized (outgoing) {
      return outgoing.size();
    }
  }

  @Override
  public void write(Buffer source, long byteCount) {
    frames.write(source, byteCount);
  }

  @Override
  public void flush() throws IOException {
    while (!frames.exhausted()) {
      writeFrame(FrameHead.peek(frames));
    }
  }

  private void writeFrame(FrameHead frame) throws IOException {
    Outgoing message = frame.ofMessage() ? next() : null;
    if (message != null && message.opcode != frame.opcode()) {
      setFirst(frame.firstAs(message.opcode));
    }
    socket.write(frames, frame.headBytes() + frame.payloadBytes());
    socket.flush();
    if (message != null) {
      message.written.written(null);
    } else if (frame.opcode() == FrameHead.CLOSE) {
      onCloseWritten.run();
    }
  }

  private Outgoing next() {
    synchronized (outgoing) {
      return outgoing.removeFirst();
    }
  }

  private void setFirst(int value) {
    try (Buffer.UnsafeCursor first = frames.readAndWriteUnsafe(cursor)) {
      first.seek(0);
      first.data[first.start] = (byte) value;
    }
  }

  @Override
  public Timeout timeout() {
    return socket.timeout();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
