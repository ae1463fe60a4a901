package io.culvert.fuzz;

import io.culvert.engine.Engine;
import io.culvert.frame.ErrorCode;
import io.culvert.stream.Stream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** An application that does what it may. */
final class FuzzApplication {
  private final Random random;
  private final Engine engine;
  private final List<Stream> streams;

  FuzzApplication(Random random, Engine engine, List<Stream> streams) {
    this.random = random;
    this.engine = engine;
    this.streams = streams;
  }

  /** Opens a stream with bytes in it. */
  void open() {
    Stream opened = engine.open(Map.of("n", "v"));
    streams.add(opened);
    engine.streams().write(opened, ByteBuffer.allocate(100));
  }

  /** One call, or a few. */
  void call(long now) {
    if (engine.mayOpen() && random.nextInt(4) == 0) {
      Stream opened = engine.open(Map.of("n", "v".repeat(random.nextInt(3_000))));
      streams.add(opened);
    }
    if (random.nextInt(200) == 0) {
      engine.drain("drain");
    }
    if (random.nextInt(400) == 0) {
      engine.close(ErrorCode.NO_ERROR, "enough");
    }
    if (streams.isEmpty()) {
      return;
    }
    Stream stream = streams.get(random.nextInt(streams.size()));
    switch (random.nextInt(9)) {
      case 0, 1, 2 -> {
        if (!stream.outputShut() && stream.failure() == null) {
          engine.streams().write(stream, ByteBuffer.allocate(random.nextInt(5_000)));
        }
      }
      case 3, 4, 5 ->
          engine.streams().read(stream, ByteBuffer.allocate(random.nextInt(5_000)), now);
      case 6 -> engine.streams().finish(stream);
      case 7 -> engine.streams().stop(stream);
      default -> {
        engine.streams().reset(stream, ErrorCode.CANCELLED);
        engine.streams().release(stream);
      }
    }
  }
}
