package io.culvert.swaggersocket;

import io.culvert.connection.ConnectionRuntime;
import io.culvert.websocket.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages on their way to the WebSocket, one thread at a time, in order. Guarded by the
 * connection's lock, except where a method says so.
 */
final class SwaggerOutput {
  /** Bytes handed to the WebSocket and not yet written, unless it is one message alone. */
  static final int IN_FLIGHT = 128 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(SwaggerOutput.class);

  /**
   * A message.
   *
   * @param stream whose bytes it has; null if it is none of a stream
   */
  private record Outgoing(ByteBuffer message, SwaggerStream stream) {}

  private final SwaggerDriver driver;
  private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>();
  private int waitingBytes;

  /** Handed to the WebSocket; it has not said that they are written. */
  private int unwritten;

  /** A thread is at it. */
  private boolean sending;

  /** The WebSocket was told to end. */
  private boolean finished;

  SwaggerOutput(SwaggerDriver driver) {
    this.driver = driver;
  }

  void add(ByteBuffer message, SwaggerStream stream) {
    waiting.add(new Outgoing(message, stream));
    waitingBytes += message.remaining();
  }

  /** Takes back what was not handed to the WebSocket; false if there is nothing of the stream. */
  boolean withdraw(SwaggerStream stream) {
    boolean found = waiting.removeIf(outgoing -> outgoing.stream() == stream);
    waitingBytes = waiting.stream().mapToInt(outgoing -> outgoing.message().remaining()).sum();
    return found;
  }

  void clear() {
    waiting.clear();
    waitingBytes = 0;
  }

  /** Whether all that was said is written. */
  boolean empty() {
    return waiting.isEmpty() && unwritten == 0;
  }

  /** How many bytes more a side that serves may add; may be negative. */
  int room() {
    return IN_FLIGHT - waitingBytes - unwritten;
  }

  /** Whether {@link #send} has something to do; if so, the caller has to call it. */
  boolean claim() {
    if (sending || finished || driver.socket() == null) {
      return false;
    }
    sending = mayHandOver() || (waiting.isEmpty() && driver.end() != null);
    return sending;
  }

  private boolean mayHandOver() {
    Outgoing next = waiting.peek();
    return next != null && (unwritten == 0 || unwritten + next.message().remaining() <= IN_FLIGHT);
  }

  /** Not under the lock: sends on a worker what {@link #claim} has promised. */
  void sendElsewhere(ConnectionRuntime runtime) {
    try {
      runtime.executor().execute(this::send);
    } catch (RejectedExecutionException e) {
      send(); // the runtime is closing: what is left goes out on this thread
    }
  }

  /** Not under the lock: sends what {@link #claim} has promised, and what comes meanwhile. */
  void send() {
    try {
      boolean more;
      do {
        more = sendOne();
      } while (more);
    } catch (RuntimeException | Error e) {
      // A message may have been lost: without its end the connection would hang.
      LOG.error("Sending has failed, the connection is aborted", e);
      driver.abort("sending has failed: " + e);
    }
  }

  private boolean sendOne() {
    Outgoing next = null;
    WebSocket socket;
    driver.lock().lock();
    try {
      socket = driver.socket();
      sending = false;
      if (!claim()) {
        return false;
      }
      if (waiting.isEmpty()) {
        finished = true;
        sending = false;
      } else {
        next = waiting.remove();
        handed(next);
      }
    } finally {
      driver.lock().unlock();
    }
    if (next == null) {
      driver.finishSocket();
      return false;
    }
    int size = next.message().remaining();
    socket.sendText(next.message(), failure -> written(size));
    return true;
  }

  private void handed(Outgoing outgoing) {
    int size = outgoing.message().remaining();
    waitingBytes -= size;
    unwritten += size;
    if (outgoing.stream() != null) {
      outgoing.stream().handed(size);
    }
  }

  /** A failure needs no care of its own: the WebSocket's end is reported as well. */
  private void written(int size) {
    driver.lock().lock();
    try {
      unwritten -= size;
      if (empty()) {
        driver.changed().signalAll(); // perhaps idle
      }
      if (driver.exchanges().stream() != null) {
        driver.exchanges().stream().wakeWriters();
      }
    } finally {
      driver.leave(true);
    }
  }
}
