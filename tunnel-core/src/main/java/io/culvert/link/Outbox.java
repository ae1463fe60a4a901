package io.culvert.link;

import io.culvert.frame.Frame;
import io.culvert.frame.FrameLog;
import io.culvert.frame.FrameReader;
import io.culvert.frame.FrameWriter;
import io.culvert.frame.PacketKind;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Builds outgoing packets: numbers and keeps those of kind SEQ, puts the acknowledgement on all,
 * and bounds what the WebSocket holds unwritten.
 */
public final class Outbox {
  /** CTRL packets may go beyond the transit bound by this much, so that data never blocks them. */
  private static final int CONTROL_RESERVE = 16 * 1024;

  /** More than a CTRL packet has after the handshake: the longest is a CLOSE with its reason. */
  private static final int MAX_CONTROL = 2 * 1024;

  /**
   * Less room than this is not worth a SEQ packet while others are in transit. The largest OPEN
   * fits into it, so that no frame has to wait for more room than {@link #room} grants.
   */
  private static final int MIN_ROOM = 8 * 1024;

  private final int transitLimit;
  private final ReplayBuffer replay;
  private final Acknowledger acknowledger;
  private final FrameWriter writer = new FrameWriter();
  private int inTransit;
  private Consumer<String> packetLog;

  /**
   * An outbox that has sent nothing.
   *
   * @param transitLimit bytes that may be handed out and not be written yet
   */
  public Outbox(int transitLimit, ReplayBuffer replay, Acknowledger acknowledger) {
    this.transitLimit = transitLimit;
    this.replay = replay;
    this.acknowledger = acknowledger;
  }

  /** Hands every packet to {@code log} as one line; null switches it off. */
  public void packetLog(Consumer<String> log) {
    packetLog = log;
  }

  /** Whether the WebSocket holds so much that not even control may be handed to it. */
  public boolean blocked() {
    return inTransit > transitLimit + CONTROL_RESERVE - MAX_CONTROL;
  }

  /** How large a SEQ packet may be now; 0 or less: none may go out. */
  public int room() {
    if (replay.full() || replay.rewound()) {
      return 0;
    }
    int room = transitLimit - inTransit;
    return inTransit > 0 && room < MIN_ROOM ? 0 : room;
  }

  /** Begins a SEQ packet of at most {@link #room} bytes; {@link #finishSeq} ends it. */
  public FrameWriter startSeq() {
    writer.start(room());
    return writer;
  }

  /** The SEQ packet, which must not change any more; null if it has no frame. */
  public ByteBuffer finishSeq() {
    if (writer.isEmpty()) {
      return null;
    }
    ByteBuffer packet = handOut(PacketKind.SEQ, replay.nextNumber());
    replay.add(packet.duplicate());
    return packet;
  }

  /** Whether {@link #again} would give a packet. */
  public boolean againDue() {
    ByteBuffer next = replay.peekAgain();
    return next != null && (inTransit == 0 || inTransit + next.remaining() <= transitLimit);
  }

  /** The next packet that is to be sent once more, as it was; null if there is no room now. */
  public ByteBuffer again() {
    if (!againDue()) {
      return null;
    }
    ByteBuffer packet = replay.peekAgain();
    replay.sentAgain();
    inTransit += packet.remaining();
    if (packetLog != null) {
      log(packet);
    }
    return packet;
  }

  /** A new socket carries the link: nothing is in transit on it. */
  public void restart() {
    inTransit = 0;
  }

  /** A CTRL packet of these frames; null among them are left out. */
  public ByteBuffer control(Frame... frames) {
    writer.start(Wire.MAX_PACKET);
    for (Frame frame : frames) {
      if (frame != null) {
        writer.write(frame);
      }
    }
    return handOut(PacketKind.CTRL, 0);
  }

  /** The WebSocket has written this many bytes. */
  public void written(int bytes) {
    inTransit -= bytes;
  }

  /** Bytes handed out that were not reported as written. */
  public int inTransit() {
    return inTransit;
  }

  private ByteBuffer handOut(PacketKind kind, long seq) {
    ByteBuffer packet = writer.finish(kind, acknowledger.received(), seq);
    acknowledger.carried();
    inTransit += packet.remaining();
    if (packetLog != null) {
      log(packet);
    }
    return packet;
  }

  private void log(ByteBuffer packet) {
    try {
      packetLog.accept(FrameLog.line(true, FrameReader.read(packet.duplicate())));
    } catch (ProtocolException e) {
      throw new IllegalStateException("this side wrote a packet that it cannot read", e);
    }
  }
}
