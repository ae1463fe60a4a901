package io.culvert.stream;

/** What this side may send on one stream: everything below an absolute offset that only grows. */
final class SendWindow {
  private long limit;
  private long sent;

  SendWindow(int initial) {
    limit = initial;
  }

  /** Bytes that may be sent now. */
  int available() {
    return (int) Math.min(limit - sent, Integer.MAX_VALUE);
  }

  void sent(int bytes) {
    sent += bytes;
  }

  /**
   * The peer grants up to {@code offset}; an older or equal grant changes nothing.
   *
   * @return whether sending was blocked and no longer is
   */
  boolean granted(long offset) {
    boolean blocked = limit == sent;
    limit = Math.max(limit, offset);
    return blocked && limit > sent;
  }
}
