package io.culvert.link;

import io.culvert.frame.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * The sending half of the numbering: SEQ packets that the peer has not acknowledged. It is the
 * connection's send window: bounded, never dropped from; while it is {@link #full} no SEQ packet
 * may be built, so writers wait.
 */
public final class ReplayBuffer {
  private final int capacity;
  private final ArrayDeque<ByteBuffer> packets = new ArrayDeque<>();
  private long bytes;
  private long lastSent;

  /**
   * @param capacity bytes; one packet more than this may be held
   */
  public ReplayBuffer(int capacity) {
    this.capacity = capacity;
  }

  /** The number for the next packet. */
  public long nextNumber() {
    return lastSent + 1;
  }

  /** The number of the last packet sent; 0 if none was. */
  public long lastSent() {
    return lastSent;
  }

  /** Keeps a packet that has {@link #nextNumber}. The buffer must not change any more. */
  public void add(ByteBuffer packet) {
    lastSent++;
    packets.add(packet);
    bytes += packet.capacity();
  }

  /**
   * Forgets what the peer has received.
   *
   * @return whether anything was forgotten
   * @throws ProtocolException if the peer acknowledges what was never sent
   */
  public boolean acknowledged(long ack) throws ProtocolException {
    if (ack > lastSent) {
      throw new ProtocolException("ack of packet " + ack + ", but the last sent is " + lastSent);
    }
    long keep = lastSent - ack;
    boolean forgot = packets.size() > keep;
    while (packets.size() > keep) {
      bytes -= packets.remove().capacity();
    }
    return forgot;
  }

  /** The highest number that the peer has acknowledged. */
  public long acknowledged() {
    return lastSent - packets.size();
  }

  /** Whether the bound is reached. */
  public boolean full() {
    return bytes >= capacity;
  }

  /** Bytes of memory held. */
  public long bytes() {
    return bytes;
  }

  /** Drops everything: the link is over. */
  public void clear() {
    packets.clear();
    bytes = 0;
  }
}
