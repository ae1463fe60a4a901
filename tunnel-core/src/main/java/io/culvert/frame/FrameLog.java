package io.culvert.frame;

import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * One line per packet, for logs and for a failed simulation: {@code >> SEQ 12 ack 7 | OPEN 3 | DATA
 * 3 len 512 FIN}. Never shows payload, metadata values or secrets.
 */
public final class FrameLog {
  /** Names and reasons are the peer's: a line break in them would forge a line of the log. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}]");

  private FrameLog() {}

  /**
   * Describes a packet.
   *
   * @param outgoing whether this side sent it: {@code >>}, else {@code <<}
   */
  public static String line(boolean outgoing, Packet packet) {
    StringJoiner line = new StringJoiner(" | ");
    String number = packet.kind() == PacketKind.SEQ ? " " + packet.seq() : "";
    line.add((outgoing ? ">> " : "<< ") + packet.kind() + number + " ack " + packet.ack());
    for (Frame frame : packet.frames()) {
      line.add(describe(frame));
    }
    return UNPRINTABLE.matcher(line.toString()).replaceAll("?");
  }

  private static String describe(Frame frame) {
    if (frame instanceof Frame.Data f) {
      return "DATA " + f.streamId() + " len " + f.length() + (f.fin() ? " FIN" : "");
    } else if (frame instanceof Frame.Credit f) {
      return "CREDIT " + f.streamId() + " to " + f.offset();
    } else if (frame instanceof Frame.Open f) {
      return "OPEN " + f.streamId() + " " + f.attributes().keySet();
    } else if (frame instanceof Frame.Reset f) {
      return "RESET " + f.streamId() + " " + f.code();
    } else if (frame instanceof Frame.Stop f) {
      return "STOP " + f.streamId() + " " + f.code();
    } else if (frame instanceof Frame.Streams f) {
      return "STREAMS " + f.total();
    } else if (frame instanceof Frame.GoAway f) {
      String last = f.lastStreamId() == Wire.UNDECIDED ? "undecided" : "" + f.lastStreamId();
      return "GOAWAY last " + last + " " + f.code();
    } else if (frame instanceof Frame.Hello f) {
      return "HELLO v" + f.version() + " " + f.metadata().keySet();
    } else if (frame instanceof Frame.Welcome f) {
      return "WELCOME v" + f.version();
    } else if (frame instanceof Frame.Resume f) {
      return "RESUME epoch " + f.epoch() + " received " + f.received();
    } else if (frame instanceof Frame.Resumed f) {
      return "RESUMED epoch " + f.epoch() + " received " + f.received();
    } else if (frame instanceof Frame.Reject f) {
      return "REJECT " + f.code() + " " + f.reason();
    } else if (frame instanceof Frame.Close f) {
      return "CLOSE " + f.code() + " " + f.reason();
    } else if (frame instanceof Frame.Ping f) {
      return "PING " + f.token();
    } else if (frame instanceof Frame.Pong f) {
      return "PONG " + f.token();
    } else if (frame instanceof Frame.Ignored f) {
      return "ignored type " + f.typeNumber();
    }
    return frame.type().name();
  }
}
