package io.culvert.testkit;

import io.culvert.connection.StreamConnection;
import io.culvert.frame.ErrorCode;
import java.time.Duration;
import java.util.Map;

/**
 * Two {@link StreamConnection}s joined in memory: the contract of a connection without WebSocket,
 * link and packets.
 *
 * <p>Each side has one reader thread, on which everything from the peer arrives and on which all
 * wake-ups of asynchronous I/O run, so code that blocks it hangs as it would on a real connection.
 */
public final class MemoryConnections implements ConnectionPair {

  /**
   * Sizes of a pair.
   *
   * @param sendBuffer bytes that a stream takes before it makes its writer wait
   * @param window bytes on their way to, or unread by, the receiver of a stream
   * @param streams how many streams each side may have open at once
   */
  public record Sizes(int sendBuffer, int window, int streams) {
    /** 64 KiB, 256 KiB, 1,024 streams. */
    public static final Sizes DEFAULT = new Sizes(64 << 10, 256 << 10, 1024);

    /** As small as they can be, so that every write meets every bound. */
    public static final Sizes TINY = new Sizes(3, 2, 4);
  }

  private final MemoryConnection dialer;
  private final MemoryConnection acceptor;

  private MemoryConnections(Sizes sizes, Map<String, String> metadata, boolean secure) {
    String id = "0123456789abcdef0123456789abcdef";
    dialer = new MemoryConnection(id, metadata, true, secure, sizes);
    acceptor = new MemoryConnection(id, metadata, false, secure, sizes);
    dialer.join(acceptor);
    acceptor.join(dialer);
  }

  /** A pair with the default sizes and no metadata, not secure. */
  public static MemoryConnections pair() {
    return pair(Sizes.DEFAULT);
  }

  /** A pair with the given sizes and no metadata, not secure. */
  public static MemoryConnections pair(Sizes sizes) {
    return new MemoryConnections(sizes, Map.of(), false);
  }

  /** A pair with the default sizes. */
  public static MemoryConnections pair(Map<String, String> metadata, boolean secure) {
    return new MemoryConnections(Sizes.DEFAULT, Map.copyOf(metadata), secure);
  }

  @Override
  public StreamConnection dialer() {
    return dialer;
  }

  @Override
  public StreamConnection acceptor() {
    return acceptor;
  }

  /** From now on nothing written is handed over to the other side: it stays unsent. */
  public void hold() {
    dialer.hold(true);
    acceptor.hold(true);
  }

  /** Hands over what was held back, and whatever is written from now on. */
  public void release() {
    dialer.hold(false);
    acceptor.hold(false);
  }

  /**
   * What both sides say about how long they have been without a WebSocket; nothing else changes.
   */
  public void outage(Duration total) {
    dialer.outage(total.toNanos());
    acceptor.outage(total.toNanos());
  }

  /** Breaks the connection for good: every stream fails with {@link ErrorCode#CONNECTION_LOST}. */
  public void cut() {
    dialer.fail(ErrorCode.CONNECTION_LOST, "the WebSocket broke");
    acceptor.fail(ErrorCode.CONNECTION_LOST, "the WebSocket broke");
  }

  /** Streams that a side has not ended yet: the measure of a leak. */
  public int streams(boolean ofDialer) {
    return (ofDialer ? dialer : acceptor).streams().size();
  }

  /** Bytes that either side has written and not handed over. */
  public long unsent() {
    return dialer.unsent() + acceptor.unsent();
  }

  @Override
  public void close() {
    dialer.fail(ErrorCode.ABORTED, "the connection was closed");
    acceptor.fail(ErrorCode.ABORTED, "the connection was closed");
    dialer.stop();
    acceptor.stop();
  }
}
