package io.culvert.stream;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.ProtocolException;

/**
 * What the peer may send on one stream. Credit is absolute and is granted when the application
 * reads, so a frame that is lost or repeated can never leak any.
 */
final class ReceiveWindow {
  private int window;
  private long granted;
  private long received;
  private long consumed;

  ReceiveWindow(int initial) {
    window = initial;
    granted = initial;
  }

  /** Takes note of bytes that have arrived. */
  void received(int bytes) throws ProtocolException {
    received += bytes;
    if (received > granted) {
      throw new ProtocolException(
          ErrorCode.FLOW_CONTROL_ERROR,
          "the stream has " + received + " bytes, but only " + granted + " were granted");
    }
  }

  /**
   * Takes note of bytes that the application has read.
   *
   * @return whether the peer should hear of new credit: half of the window is used up, so a reader
   *     of many small pieces does not cause as many frames
   */
  boolean consumed(int bytes) {
    consumed += bytes;
    return creditDue();
  }

  private boolean creditDue() {
    return consumed + window - granted >= Math.max(1, window / 2);
  }

  /** The absolute offset to send in CREDIT. */
  long grant() {
    granted = Math.max(granted, consumed + window);
    return granted;
  }

  /** Bytes received in all. */
  long receivedTotal() {
    return received;
  }

  int window() {
    return window;
  }

  /** Widens the window; returns whether credit is due. */
  boolean grow(int bytes) {
    window += bytes;
    return creditDue();
  }
}
