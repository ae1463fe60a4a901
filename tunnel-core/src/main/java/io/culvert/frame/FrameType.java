package io.culvert.frame;

/** The frame types, each with its number and the one kind of packet that may carry it. */
public enum FrameType {
  HELLO(0x01, PacketKind.CTRL),
  WELCOME(0x02, PacketKind.CTRL),
  CONFIRM(0x03, PacketKind.CTRL),
  RESUME(0x04, PacketKind.CTRL),
  RESUMED(0x05, PacketKind.CTRL),
  REJECT(0x06, PacketKind.CTRL),
  ACK(0x07, PacketKind.CTRL),
  PING(0x08, PacketKind.CTRL),
  PONG(0x09, PacketKind.CTRL),
  CLOSE(0x0a, PacketKind.CTRL),
  OPEN(0x10, PacketKind.SEQ),
  DATA(0x11, PacketKind.SEQ),
  CREDIT(0x12, PacketKind.SEQ),
  RESET(0x13, PacketKind.SEQ),
  STOP(0x14, PacketKind.SEQ),
  STREAMS(0x15, PacketKind.SEQ),
  GOAWAY(0x16, PacketKind.SEQ);

  private static final FrameType[] BY_NUMBER = new FrameType[0x20];

  static {
    for (FrameType type : values()) {
      BY_NUMBER[type.number] = type;
    }
  }

  private final int number;
  private final PacketKind kind;

  FrameType(int number, PacketKind kind) {
    this.number = number;
    this.kind = kind;
  }

  /** The first byte of the frame. */
  public int number() {
    return number;
  }

  /** The kind of packet that may carry the frame. */
  public PacketKind kind() {
    return kind;
  }

  /** The type with that number, or null if this version does not know it. */
  static FrameType of(int number) {
    return number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }
}
