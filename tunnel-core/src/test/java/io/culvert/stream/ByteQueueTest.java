package io.culvert.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteQueueTest {
  /** What a queue may hold beyond {@link #FACTOR} times its bytes: a packet partly read, a tail. */
  private static final int SLACK = 150 * 1024;

  private static final int FACTOR = 4;

  private final ByteQueue queue = new ByteQueue();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void bytesComeOutInOrderHoweverTheyAreCut(long seed) {
    Random random = new Random(seed);
    ByteArrayOutputStream in = new ByteArrayOutputStream();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < 2_000; i++) {
      byte[] piece = new byte[size(random)];
      random.nextBytes(piece);
      switch (random.nextInt(3)) {
        case 0 -> {
          int offset = random.nextInt(piece.length + 1);
          queue.appendReceived(piece, offset, piece.length - offset);
          in.write(piece, offset, piece.length - offset);
        }
        case 1 -> {
          int limit = random.nextInt(piece.length + 100);
          assertEquals(Math.min(limit, piece.length), queue.append(ByteBuffer.wrap(piece), limit));
          in.write(piece, 0, Math.min(limit, piece.length));
        }
        default -> {
          ByteBuffer target = ByteBuffer.wrap(piece);
          int count = queue.read(target);
          out.write(piece, 0, count);
        }
      }
      assertEquals(in.size() - out.size(), queue.size());
      assertBounded();
    }
    ByteBuffer rest = ByteBuffer.allocate(queue.size() + 1);
    assertEquals(rest.capacity() - 1, queue.read(rest));
    out.write(rest.array(), 0, rest.position());

    assertArrayEquals(in.toByteArray(), out.toByteArray());
    assertTrue(queue.isEmpty());
    assertEquals(0, queue.held());
  }

  /** Sizes of pieces, repeated; half of each array is of no use to this stream. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2048, 1", "2047, 2048", "2049, 2", "2048, 2048", "32768, 1", "1, 65508"})
  void memoryStaysWithinASmallFactorOfTheBytes(int odd, int even) {
    while (queue.size() < 256 * 1024) {
      receive(odd);
      receive(even);
      assertBounded();
    }
    while (!queue.isEmpty()) {
      queue.read(ByteBuffer.allocate(100));
      assertBounded();
    }
  }

  /** Three pieces that were chosen to leave as much room as possible in every segment. */
  @Test
  void memoryStaysBoundedAgainstACleverPeer() {
    while (queue.size() < 256 * 1024) {
      receive(2048);
      queue.appendReceived(new byte[65_536], 0, 2049);
      receive(1);
      assertBounded();
    }
  }

  @Test
  void aSmallPieceDoesNotHoldItsPacket() {
    queue.appendReceived(new byte[65_536], 0, 2_000);

    assertTrue(queue.held() <= 16 * 1024, queue.held() + " bytes held");
  }

  @Test
  void aLargePieceIsKeptWhereItIs() {
    byte[] packet = new byte[65_536];
    queue.appendReceived(packet, 28, 65_508);
    packet[28] = 7;

    ByteBuffer first = ByteBuffer.allocate(1);
    queue.read(first);

    assertEquals(7, first.get(0));
    assertEquals(65_536, queue.held());
  }

  @Test
  void nothingIsPutIntoAPacketThatIsKept() {
    byte[] packet = new byte[10_000];
    byte[] before = packet.clone();
    queue.appendReceived(packet, 0, 6_000);

    queue.append(ByteBuffer.wrap(new byte[] {1, 2, 3}), 3);

    assertTrue(Arrays.equals(before, packet));
  }

  @Test
  void clearingHoldsNothing() {
    receive(100_000);
    queue.clear();

    assertEquals(0, queue.size());
    assertEquals(0, queue.held());
    assertEquals(0, queue.read(ByteBuffer.allocate(10)));
  }

  private void receive(int bytes) {
    queue.appendReceived(new byte[2 * bytes], bytes, bytes);
  }

  private void assertBounded() {
    assertTrue(
        queue.held() <= FACTOR * queue.size() + SLACK,
        () -> queue.size() + " bytes hold " + queue.held());
  }

  private static int size(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> 1;
      case 1 -> random.nextInt(100);
      case 2 -> random.nextInt(5_000);
      default -> random.nextInt(70_000);
    };
  }
}
