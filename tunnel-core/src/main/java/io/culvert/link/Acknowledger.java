package io.culvert.link;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.ProtocolException;

/**
 * The receiving half of the numbering: what has arrived, and when to say so. Every packet that goes
 * out anyway carries the acknowledgement; one of its own is due after {@link #BYTES} or {@link
 * #DELAY_NANOS}, because ack cadence limits the sender's throughput.
 */
public final class Acknowledger {
  /** Unacknowledged bytes that make an ACK due at once. */
  public static final int BYTES = 64 * 1024;

  /** How long an acknowledgement may wait for a packet to ride on. */
  public static final long DELAY_NANOS = 25_000_000;

  private long received;
  private long unacknowledgedBytes;
  private long deadline = Long.MAX_VALUE;

  /**
   * Takes note of a SEQ packet.
   *
   * @return whether its frames are to be processed; false for a duplicate
   * @throws ProtocolException if a packet before it is missing
   */
  public boolean accept(long seq, int bytes, long now) throws ProtocolException {
    if (seq <= received) {
      return false;
    }
    if (seq != received + 1) {
      throw new ProtocolException(
          ErrorCode.PROTOCOL_ERROR, "expected packet " + (received + 1) + " but got " + seq);
    }
    received = seq;
    unacknowledgedBytes += bytes;
    if (deadline == Long.MAX_VALUE) {
      deadline = now + DELAY_NANOS;
    }
    return true;
  }

  /** The highest number received without a gap: what every outgoing packet carries. */
  public long received() {
    return received;
  }

  /** A packet with the current acknowledgement is going out. */
  public void carried() {
    unacknowledgedBytes = 0;
    deadline = Long.MAX_VALUE;
  }

  /** Whether an ACK must go out now even if nothing else does. */
  public boolean due(long now) {
    return unacknowledgedBytes >= BYTES || (deadline != Long.MAX_VALUE && now - deadline >= 0);
  }

  /** When an ACK becomes due by time; {@code Long.MAX_VALUE}: nothing to acknowledge. */
  public long deadline() {
    return deadline;
  }
}
