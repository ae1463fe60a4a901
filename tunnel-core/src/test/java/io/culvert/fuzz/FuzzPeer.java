package io.culvert.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.Packet;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Packets;
import io.culvert.frame.Wire;
import io.culvert.link.Proofs;
import io.culvert.stream.Stream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The other end of an engine under fire: it keeps numbers, credit and proofs right, except where it
 * does not want to, and judges what the engine sends.
 */
final class FuzzPeer {
  static final byte[] NONCE = new byte[Wire.SECRET_BYTES];

  private final Random random;
  private final Mutator mutator;

  /** Whether the engine is the dialer. */
  private final boolean dialer;

  private final List<Stream> streams;

  // What this peer has sent; a resumed socket is given again what the engine had not received.
  private final Map<Long, byte[]> kept = new HashMap<>();
  private long seq;
  private long next = 1;
  private int opened;

  // What the engine has sent.
  private final Map<Long, byte[]> seen = new HashMap<>();
  private long lastSent;
  private long expected = 1;
  private int allowed;

  /** The highest ack that the engine may have taken. */
  private long acked;

  /** The highest packet that may have arrived at this peer. */
  private long handedOut;

  private final Map<Integer, Long> firstPackets = new HashMap<>();

  // The proofs.
  private byte[] id = new byte[Wire.ID_BYTES];
  private byte[] secret = NONCE;
  private int epoch = 1;
  private Frame.Resume asked;
  private Frame.Resumed answered;

  FuzzPeer(Random random, boolean dialer, List<Stream> streams, int allowed) {
    this.random = random;
    this.mutator = new Mutator(random);
    this.dialer = dialer;
    this.streams = streams;
    this.allowed = allowed;
  }

  // Packets.

  static byte[] ctrl(Frame... frames) {
    return bytes(Packets.ctrl(0, frames));
  }

  private static byte[] bytes(ByteBuffer packet) {
    byte[] bytes = new byte[packet.remaining()];
    packet.get(bytes);
    return bytes;
  }

  /** A packet like those that a peer sends, but not quite. */
  byte[] mutated() {
    return mutator.packet();
  }

  /** A packet that a peer might send, with now and then a wrong value. */
  byte[] plausible() {
    if (next <= seq) {
      return kept.get(next++);
    }
    List<Frame> frames = new ArrayList<>();
    boolean numbered = random.nextInt(4) != 0;
    for (int i = random.nextInt(4); i >= 0; i--) {
      frames.add(numbered ? streamFrame() : controlFrame());
    }
    long wrong = random.nextInt(50) == 0 ? random.nextLong() >>> 1 : 0;
    long ack = wrong != 0 ? wrong : Math.max(0, expected - 1 - random.nextInt(3));
    Frame[] all = frames.toArray(new Frame[0]);
    if (!numbered) {
      return bytes(Packets.ctrl(ack, all));
    }
    return random.nextInt(50) == 0
        ? bytes(Packets.seq(seq, ack, all))
        : keep(bytes(Packets.seq(seq + 1, ack, all)));
  }

  /** Opens a stream, with some bytes. */
  byte[] open() {
    int stream = nextOpened();
    Frame data = Packets.data(stream, false, new byte[100]);
    return keep(bytes(Packets.seq(seq + 1, lastSent, new Frame.Open(stream, Map.of()), data)));
  }

  /** Gives a packet the number that is expected, so that its frames are looked at. */
  byte[] renumbered(byte[] bytes) {
    if (bytes.length < Wire.PACKET_HEADER || bytes[0] != 1) {
      return bytes;
    }
    ByteBuffer.wrap(bytes).putLong(4, expected - 1).putLong(12, seq + 1);
    return keep(bytes);
  }

  private byte[] keep(byte[] packet) {
    kept.put(++seq, packet);
    next = seq + 1;
    return packet;
  }

  /** This packet is given to the engine, which may take its ack. */
  void sends(byte[] packet) {
    if (packet.length >= Wire.PACKET_HEADER) {
      long ack = ByteBuffer.wrap(packet).getLong(4);
      acked = ack <= lastSent ? Math.max(acked, ack) : acked;
    }
  }

  private int nextOpened() {
    return 2 * opened++ + (dialer ? 2 : 1);
  }

  private Frame streamFrame() {
    boolean wrong = random.nextInt(100) == 0;
    int choice = random.nextInt(12);
    if (choice < 2 && (opened < allowed || wrong)) {
      return new Frame.Open(nextOpened(), Map.of("k", "v"));
    }
    if (streams.isEmpty() && !wrong) {
      return new Frame.Streams(random.nextInt(40));
    }
    Stream stream = streams.isEmpty() ? null : streams.get(random.nextInt(streams.size()));
    int of = stream == null || wrong ? 1 + random.nextInt(50) : stream.id();
    return switch (choice) {
      case 0, 1, 2, 3, 4, 5, 6 -> {
        if (stream != null && stream.finReceived() && !wrong) {
          yield new Frame.Stop(of, ErrorCode.REFUSED);
        }
        int most = wrong ? 3_000 : 200;
        yield Packets.data(of, random.nextInt(12) == 0, new byte[random.nextInt(most)]);
      }
      case 7, 8 -> new Frame.Credit(of, random.nextInt(20_000));
      case 9 -> new Frame.Reset(of, ErrorCode.of(random.nextInt(20)));
      case 10 -> new Frame.Stop(of, ErrorCode.CANCELLED);
      default ->
          random.nextInt(4) == 0
              ? new Frame.GoAway(random.nextInt(20), ErrorCode.GOING_AWAY, "bye")
              : new Frame.Streams(random.nextInt(40));
    };
  }

  private Frame controlFrame() {
    return switch (random.nextInt(60)) {
      case 0 -> new Frame.Close(ErrorCode.of(random.nextInt(20)), "close");
      case 1 -> new Frame.Reject(ErrorCode.of(random.nextInt(20)), "reject");
      case 2, 3, 4, 5 -> new Frame.Pong(random.nextInt(4), new byte[1]);
      case 6, 7, 8, 9 -> new Frame.Ping(random.nextLong(), new byte[random.nextInt(256)]);
      default -> new Frame.Ack();
    };
  }

  // Handshakes.

  static byte[] hello() {
    return ctrl(new Frame.Hello(1, 2_000, 6, NONCE, Map.of()));
  }

  byte[] welcome(int resumeSeconds) {
    return ctrl(new Frame.Welcome(1, 2_000, 6, resumeSeconds, id, secret, NONCE));
  }

  byte[] confirm(Frame.Welcome welcome) {
    id = welcome.connectionId();
    secret = welcome.secret();
    return ctrl(new Frame.Confirm(Proofs.confirm(secret, id, NONCE, welcome.nonce())));
  }

  /** A position that the engine can go on from. */
  long position() {
    return acked + (lastSent == acked ? 0 : random.nextLong(lastSent - acked + 1));
  }

  /** A position that it cannot have. */
  long wrongPosition() {
    return lastSent + 1 + random.nextInt(100);
  }

  /** A RESUME with the right proof and a new epoch. */
  Frame.Resume resume(long position) {
    epoch += 1 + random.nextInt(3);
    return resume(epoch, position);
  }

  /** A RESUME that is a copy, or whose proof is wrong somewhere. */
  Frame.Resume wrongResume() {
    if (random.nextBoolean()) {
      return resume(random.nextInt(epoch + 1), position());
    }
    Frame.Resume right = resume(epoch + 1, position());
    byte[] proof = right.proof().clone();
    return switch (random.nextInt(3)) {
      case 0 -> new Frame.Resume(id, epoch + 2, right.received(), NONCE, proof);
      case 1 -> new Frame.Resume(id, epoch + 1, right.received() + 1, NONCE, proof);
      default -> new Frame.Resume(id, epoch + 1, right.received(), NONCE, flipped(proof));
    };
  }

  private Frame.Resume resume(int of, long position) {
    byte[] proof = Proofs.resume(secret, id, of, position, NONCE);
    return new Frame.Resume(id, of, position, NONCE, proof);
  }

  /** The answer to the engine's RESUME, which must be under way. */
  Frame.Resumed resumed(long position) {
    byte[] proof = Proofs.resumed(secret, id, asked.epoch(), position, asked.nonce(), NONCE);
    return new Frame.Resumed(asked.epoch(), position, NONCE, proof);
  }

  /** An answer of a stranger. */
  Frame wrongAnswer() {
    if (!dialer) {
      byte[] proof = new byte[Wire.SECRET_BYTES];
      random.nextBytes(proof);
      return new Frame.Confirm(proof);
    }
    Frame.Resumed right = resumed(position());
    return random.nextBoolean()
        ? new Frame.Resumed(right.epoch() - 1, right.received(), NONCE, right.proof())
        : new Frame.Resumed(right.epoch(), right.received(), NONCE, flipped(right.proof()));
  }

  /** The dialer's last step, after the engine's RESUMED. */
  Frame.Confirm confirm() {
    return new Frame.Confirm(Proofs.confirm(secret, id, NONCE, answered.nonce()));
  }

  private byte[] flipped(byte[] proof) {
    byte[] other = proof.clone();
    other[random.nextInt(other.length)] ^= (byte) (1 << random.nextInt(8));
    return other;
  }

  /** The engine has taken a position: it goes on behind it. */
  void resumedBehind(long position) {
    acked = Math.max(acked, position);
    expected = position + 1;
    handedOut = position;
  }

  // What the engine sends.

  /** A RESUME or RESUMED that waits for its answer is there. */
  boolean mayAnswer() {
    return dialer ? asked != null : answered != null;
  }

  /** A new socket: what was asked on the one before needs no answer. */
  void newSocket() {
    asked = null;
    answered = null;
  }

  /** Judges a packet. */
  void received(Packet packet, ByteBuffer bytes) {
    if (packet.kind() == PacketKind.SEQ) {
      number(packet, bytes(bytes));
    }
    for (Frame frame : packet.frames()) {
      if (frame instanceof Frame.Streams grant) {
        allowed = Math.max(allowed, grant.total());
      } else if (frame instanceof Frame.Welcome welcome) {
        id = welcome.connectionId();
        secret = welcome.secret();
      } else if (frame instanceof Frame.Resume resume) {
        assertTrue(resume.epoch() > epoch, "epoch " + resume.epoch() + " was there before");
        epoch = resume.epoch();
        asked = resume;
        again(resume.received());
      } else if (frame instanceof Frame.Resumed resumed) {
        answered = resumed;
        again(resumed.received());
      } else if (frame instanceof Frame.Data data) {
        firstPackets.putIfAbsent(data.streamId(), packet.seq());
      }
    }
  }

  private void number(Packet packet, byte[] bytes) {
    long number = packet.seq();
    long most = Math.max(expected, acked + 1);
    assertTrue(number >= expected && number <= most, number + " instead of " + expected);
    expected = number + 1;
    handedOut = Math.max(handedOut, number);
    if (number <= lastSent) {
      assertArrayEquals(seen.get(number), bytes, "packet " + number + " is another one now");
    } else {
      lastSent = number;
      seen.put(number, bytes);
    }
  }

  /** Sends everything behind this number again. */
  private void again(long received) {
    seq = Math.max(seq, received);
    next = received + 1;
  }

  /** Whether a byte of the stream, or its FIN, was sent: it comes again until it arrives. */
  boolean hasPacketOf(Stream stream) {
    return firstPackets.containsKey(stream.id());
  }

  /** Whether a byte of the stream, or its FIN, may have been seen here. */
  boolean mayHaveSeen(Stream stream) {
    return firstPackets.getOrDefault(stream.id(), Long.MAX_VALUE) <= handedOut;
  }
}
