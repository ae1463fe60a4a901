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

  /** The newest of {@link #packets}: those that a new socket has not been given yet. */
  private final ArrayDeque<ByteBuffer> again = new ArrayDeque<>();

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
    while (again.size() > keep) {
      again.remove(); // no need to repeat it
    }
    return forgot;
  }

  /** The highest number that the peer has acknowledged. */
  public long acknowledged() {
    return lastSent - packets.size();
  }

  /** Whether the peer can be given everything behind this number. */
  public boolean reaches(long received) {
    return received >= acknowledged() && received <= lastSent;
  }

  /**
   * A new socket is there: all that is kept is to be sent again, in its order.
   *
   * @return how many bytes that is
   */
  public long rewind() {
    again.clear();
    again.addAll(packets);
    return packets.stream().mapToLong(ByteBuffer::remaining).sum();
  }

  /** Whether packets are to be sent again; nothing new may be sent before. */
  public boolean rewound() {
    return !again.isEmpty();
  }

  /** The number of the next packet to be sent, for the first time or again. */
  public long nextToSend() {
    return lastSent + 1 - again.size();
  }

  /** The next packet to be sent again, which stays next; null if none is. */
  public ByteBuffer peekAgain() {
    ByteBuffer packet = again.peek();
    return packet == null ? null : packet.duplicate();
  }

  /** That packet has been handed out. */
  public void sentAgain() {
    again.remove();
  }

  /** How many packets are kept. */
  public int packets() {
    return packets.size();
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
    again.clear();
    bytes = 0;
  }
}
