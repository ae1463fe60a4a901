package io.culvert.frame;

/** The two kinds of packets. */
public enum PacketKind {
  /** Unnumbered, never replayed: handshake, acknowledgements, heartbeat, close. */
  CTRL(0),
  /** Numbered from 1 without gaps, kept until acknowledged, replayed byte for byte. */
  SEQ(1);

  private final int number;

  PacketKind(int number) {
    this.number = number;
  }

  /** The first byte of the packet. */
  public int number() {
    return number;
  }
}
