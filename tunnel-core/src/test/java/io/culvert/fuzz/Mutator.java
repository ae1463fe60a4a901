package io.culvert.fuzz;

import io.culvert.frame.Vector;
import io.culvert.frame.Wire;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes packets that are nearly right out of the vectors, and some that are noise. */
final class Mutator {
  private static final List<byte[]> CORPUS = Vector.corpus().toList();

  private static final int[] INTERESTING = {
    0,
    1,
    2,
    3,
    7,
    8,
    0x10,
    0x17,
    0x20,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x1000,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff
  };

  private final Random random;

  Mutator(Random random) {
    this.random = random;
  }

  byte[] packet() {
    if (random.nextInt(20) == 0) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] bytes = pick().clone();
    if (random.nextInt(3) == 0) {
      bytes = join(bytes, frames(pick()));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      bytes = mutate(bytes);
    }
    return bytes;
  }

  private byte[] mutate(byte[] bytes) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(8)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) interesting();
      case 2 -> put(bytes, at, 2, interesting());
      case 3 -> put(bytes, at, 4, interesting());
      case 4 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 5 -> {
        int end = at + random.nextInt(bytes.length - at + 1);
        return join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, end, bytes.length));
      }
      case 6 -> {
        int end = at + random.nextInt(Math.min(64, bytes.length - at) + 1);
        return join(Arrays.copyOf(bytes, end), Arrays.copyOfRange(bytes, at, bytes.length));
      }
      default -> {
        byte[] more = new byte[random.nextInt(16)];
        random.nextBytes(more);
        return join(bytes, more);
      }
    }
    return bytes;
  }

  private int interesting() {
    return INTERESTING[random.nextInt(INTERESTING.length)];
  }

  private byte[] pick() {
    return CORPUS.get(random.nextInt(CORPUS.size()));
  }

  private static byte[] frames(byte[] packet) {
    return Arrays.copyOfRange(packet, Math.min(Wire.PACKET_HEADER, packet.length), packet.length);
  }

  private static void put(byte[] bytes, int at, int width, int value) {
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >>> (8 * (width - 1 - i)));
    }
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
