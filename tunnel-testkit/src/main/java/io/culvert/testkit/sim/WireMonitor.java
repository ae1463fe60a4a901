package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;

import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.Packet;
import io.culvert.frame.PacketKind;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import io.culvert.link.Acknowledger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Watches one direction of the wire with its own bookkeeping: what a side sends must follow from
 * what had been delivered to it, whatever that side believes.
 */
final class WireMonitor {
  private final boolean dialer;
  private final Map<Integer, Sent> streams = new HashMap<>();

  /** The contents of all numbered packets, to see that a repeated one is the same. */
  private final List<Integer> contents = new ArrayList<>();

  private long lastSeq;

  /** The number that the next packet must have, on this socket. */
  private long nextSeq = 1;

  private long lastAck;

  /** The highest number that was acknowledged to the side. */
  private long acknowledged;

  /** Of the newest attempt that the side has made or taken. */
  private int epoch = 1;

  private int lastStreamCredit;
  private int lastOpened;
  private boolean goAwayDecided;
  private boolean over;

  /** What was delivered to the side that this monitor watches. */
  private long deliveredSeq;

  private long deliveredSince = Long.MAX_VALUE;
  private int initialWindow;
  private int streamsAllowed;
  private boolean pingUnanswered;

  /** What the watched side has sent on one stream, and may send. */
  private static final class Sent {
    long offset;
    long limit;
    long credit;
    boolean finished;
    boolean reset;
  }

  WireMonitor(boolean dialer) {
    this.dialer = dialer;
  }

  /** The side hands out a packet. Returns whether it is mere housekeeping. */
  boolean sent(ByteBuffer message) {
    check(message.remaining() <= Wire.MAX_PACKET, "a packet of %d bytes", message.remaining());
    check(!over, "a packet after CLOSE or REJECT");
    Packet packet = parse(message);
    if (packet.kind() == PacketKind.SEQ && repeated(packet, message)) {
      return false;
    }
    check(
        packet.ack() == deliveredSeq,
        "ack %d, but %d was the last packet delivered",
        packet.ack(),
        deliveredSeq);
    check(packet.ack() >= lastAck, "ack %d after %d", packet.ack(), lastAck);
    lastAck = packet.ack();
    deliveredSince = Long.MAX_VALUE;
    packet.frames().forEach(this::sent);
    return packet.frames().stream().allMatch(WireMonitor::housekeeping);
  }

  private boolean repeated(Packet packet, ByteBuffer message) {
    check(packet.seq() == nextSeq, "packet %d instead of %d", packet.seq(), nextSeq);
    nextSeq++;
    int content = message.hashCode();
    if (packet.seq() <= lastSeq) {
      boolean same = contents.get((int) packet.seq() - 1) == content;
      check(same, "packet %d was changed when it was repeated", packet.seq());
      return true;
    }
    lastSeq = packet.seq();
    contents.add(content);
    return false;
  }

  /** The side has a new socket: what was under way on the old one is lost. */
  void onNewSocket() {
    pingUnanswered = false;
    deliveredSince = Long.MAX_VALUE;
  }

  /** The other side has received so much, and this one goes on from there. */
  private void position(long received) {
    check(
        received >= acknowledged && received <= lastSeq,
        "the position is %d, but %d was sent and %d acknowledged",
        received,
        lastSeq,
        acknowledged);
    acknowledged = received;
    nextSeq = received + 1;
  }

  /** Of the newest attempt to resume that the side has made or taken; 1 before the first. */
  int epoch() {
    return epoch;
  }

  /** A packet has been delivered to the side. */
  void delivered(ByteBuffer message, long now) {
    Packet packet = parse(message.duplicate());
    check(packet.ack() <= lastSeq, "ack %d delivered, but %d sent", packet.ack(), lastSeq);
    acknowledged = Math.max(acknowledged, packet.ack());
    if (packet.kind() == PacketKind.SEQ) {
      check(
          packet.seq() == deliveredSeq + 1,
          "packet %d delivered behind %d",
          packet.seq(),
          deliveredSeq);
      deliveredSeq = packet.seq();
      deliveredSince = Math.min(deliveredSince, now);
    }
    packet.frames().forEach(this::delivered);
  }

  /** The side has had every chance to send what is due. */
  void settled(long now, long tolerance) {
    check(!pingUnanswered, "a PING was not answered although there was room");
    long waiting = deliveredSince == Long.MAX_VALUE ? 0 : now - deliveredSince;
    check(
        waiting <= Acknowledger.DELAY_NANOS + tolerance,
        "packet %d was not acknowledged for %d ns",
        deliveredSeq,
        waiting);
  }

  boolean goAwayDecided() {
    return goAwayDecided;
  }

  long lastSeq() {
    return lastSeq;
  }

  private void sent(Frame frame) {
    if (frame instanceof Frame.Open open) {
      int expected = lastOpened == 0 ? (dialer ? 1 : 2) : lastOpened + 2;
      check(open.streamId() == expected, "OPEN %d, expected %d", open.streamId(), expected);
      check(expected <= 2 * streamsAllowed, "OPEN %d beyond the credit", expected);
      lastOpened = expected;
    } else if (frame instanceof Frame.Data data) {
      sent(data);
    } else if (frame instanceof Frame.Credit credit) {
      Sent stream = of(credit.streamId());
      check(credit.offset() > stream.credit, "%s grants nothing new", credit);
      stream.credit = credit.offset();
    } else if (frame instanceof Frame.Stop stop) {
      of(stop.streamId());
    } else if (frame instanceof Frame.Reset reset) {
      of(reset.streamId()).reset = true;
    } else if (frame instanceof Frame.Streams credit) {
      check(credit.total() > lastStreamCredit, "%s grants nothing new", credit);
      lastStreamCredit = credit.total();
    } else if (frame instanceof Frame.GoAway goAway) {
      goAwayDecided = goAway.lastStreamId() != Wire.UNDECIDED;
    } else if (frame instanceof Frame.Pong) {
      check(pingUnanswered, "a PONG that answers no PING of this socket");
      pingUnanswered = false;
    } else if (frame instanceof Frame.Resume resume) {
      check(resume.epoch() > epoch, "epoch %d after %d", resume.epoch(), epoch);
      epoch = resume.epoch();
      checkPosition(resume.received());
    } else if (frame instanceof Frame.Resumed resumed) {
      check(resumed.epoch() == epoch, "RESUMED %d answers %d", resumed.epoch(), epoch);
      checkPosition(resumed.received());
    } else if (frame instanceof Frame.Close || frame instanceof Frame.Reject) {
      over = true;
      pingUnanswered = false;
    }
  }

  private void checkPosition(long received) {
    check(received == deliveredSeq, "resumes behind %d, but %d arrived", received, deliveredSeq);
  }

  private void sent(Frame.Data data) {
    Sent stream = of(data.streamId());
    check(!stream.finished, "DATA after FIN on stream %d", data.streamId());
    check(data.length() > 0 || data.fin(), "an empty DATA on stream %d", data.streamId());
    stream.offset += data.length();
    stream.finished = data.fin();
    check(
        stream.offset <= stream.limit,
        "stream %d has sent %d bytes with credit for %d",
        data.streamId(),
        stream.offset,
        stream.limit);
  }

  private void delivered(Frame frame) {
    if (frame instanceof Frame.Hello hello) {
      granted(hello.window(), hello.streams());
    } else if (frame instanceof Frame.Welcome welcome) {
      granted(welcome.window(), welcome.streams());
    } else if (frame instanceof Frame.Credit credit) {
      Sent stream = streams.computeIfAbsent(credit.streamId(), this::fresh);
      stream.limit = Math.max(stream.limit, credit.offset());
    } else if (frame instanceof Frame.Streams credit) {
      streamsAllowed = Math.max(streamsAllowed, credit.total());
    } else if (frame instanceof Frame.Resume resume) {
      epoch = resume.epoch();
      position(resume.received());
    } else if (frame instanceof Frame.Resumed resumed) {
      position(resumed.received());
    } else if (frame instanceof Frame.Ping) {
      pingUnanswered = !over;
    }
  }

  private void granted(int window, int streamCount) {
    initialWindow = window;
    streamsAllowed = streamCount;
  }

  /** The stream that a frame is about to be sent on. */
  private Sent of(int id) {
    boolean own = (id & 1) == (dialer ? 1 : 0);
    check(!own || id <= lastOpened, "a frame of stream %d before its OPEN", id);
    Sent stream = streams.computeIfAbsent(id, this::fresh);
    check(!stream.reset, "a frame of stream %d after its RESET", id);
    return stream;
  }

  private Sent fresh(int id) {
    Sent stream = new Sent();
    stream.limit = initialWindow;
    return stream;
  }

  private static boolean housekeeping(Frame frame) {
    return frame instanceof Frame.Ack || frame instanceof Frame.Ping || frame instanceof Frame.Pong;
  }

  private static Packet parse(ByteBuffer message) {
    try {
      return FrameReader.read(message.duplicate());
    } catch (ProtocolException e) {
      throw new SimulationFailure("a packet that cannot be read", e);
    }
  }
}
