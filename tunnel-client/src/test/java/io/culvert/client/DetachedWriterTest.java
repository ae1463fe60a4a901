package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.Wire;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.RecordingListener;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written while there is no WebSocket waits in bounds, and arrives. */
@Timeout(120)
class DetachedWriterTest {
  private static final int REPLAY = 512 * 1024;

  /** Of each writer: several times what all bounds together let it write ahead. */
  private static final int BYTES = 8 * 1024 * 1024;

  /** Of a heap that has other things to do, less than what waits to be written. */
  private static final int HEAP_SLACK = 4 * 1024 * 1024;

  private final EventLog events = new EventLog();
  private final Wiretap wiretap = new Wiretap();

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64})
  void writersWaitWithinTheBoundAndReadersLoseNothing(int writers) throws Exception {
    // One writer alone must be able to fill the replay buffer.
    int window = writers == 1 ? 2 * REPLAY : 64 * 1024;
    List<CompletableFuture<Long>> readers = new CopyOnWriteArrayList<>();
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    AtomicLong written = new AtomicLong();
    try (TunnelServer server = Setup.server().windows(window, window, 0).build()) {
      server.onConnection(
          accepted ->
              accepted
                  .streams()
                  .streamHandler(stream -> readers.add(Setup.async(() -> read(stream)))));
      server.start();
      try (SocketConnection connection =
          Setup.client(server)
              .webSocket(wiretap)
              .reconnect(Setup.eager())
              .replayBuffer(REPLAY)
              .onEvent(events)
              .build()
              .connect()) {
        events.next(ConnectionEvent.Type.RECEIVED);
        List<TunnelStream> streams = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
          streams.add(connection.streams().open(Map.of(), RecordingListener.HANG_GUARD));
        }
        long heapBefore = Heap.live();
        wiretap.deaf(true); // acknowledgements, too: what is written now stays in the replay buffer
        int bytes = BYTES / Math.min(writers, 16);
        for (TunnelStream stream : streams) {
          writes.add(Setup.async(() -> write(stream, bytes, written)));
        }
        Await.until("the bound is reached", () -> connection.unacknowledgedBytes() >= REPLAY);
        wiretap.down(true);
        wiretap.cut();
        events.next(ConnectionEvent.Type.DETACHED);
        wiretap.deaf(false);
        awaitStandstill(written);

        assertTrue(connection.detached());
        assertBounded(connection);
        // Besides, each stream takes no more than it may send.
        long allowed = REPLAY + Wire.MAX_PACKET + (long) writers * 2 * window;
        assertTrue(written.get() <= allowed);
        long heap = Heap.live() - heapBefore;
        assertTrue(heap < allowed + HEAP_SLACK, () -> "the heap has grown by " + heap + " bytes");
        assertFalse(writes.stream().allMatch(CompletableFuture::isDone));
        System.out.printf(
            "%d writers, detached: %,d bytes written, %,d kept for replay (bound %,d), heap +%,d%n",
            writers, written.get(), connection.unacknowledgedBytes(), REPLAY, heap);

        wiretap.down(false);
        events.next(ConnectionEvent.Type.RESUMED);
        Await.until(
            "all is written",
            () -> {
              assertBounded(connection);
              return writes.stream().allMatch(CompletableFuture::isDone);
            });
        for (CompletableFuture<Void> write : writes) {
          Setup.result(write);
        }
        Await.until("all streams have come", () -> readers.size() == writers);
        for (CompletableFuture<Long> reader : readers) {
          assertEquals(bytes, Setup.result(reader));
        }
      }
    }
  }

  private static void assertBounded(SocketConnection connection) {
    long kept = connection.unacknowledgedBytes();
    assertTrue(kept < REPLAY + Wire.MAX_PACKET, () -> kept + " bytes are kept");
  }

  /** Until nobody has written anything for as long as an acknowledgement would take. */
  private static void awaitStandstill(AtomicLong written) {
    long[] last = {-1, System.nanoTime()};
    Await.until(
        "the writers wait",
        () -> {
          if (written.get() != last[0]) {
            last[0] = written.get();
            last[1] = System.nanoTime();
          }
          return System.nanoTime() - last[1] > Duration.ofMillis(500).toNanos();
        });
  }

  private static Void write(TunnelStream stream, int bytes, AtomicLong written) throws IOException {
    byte[] chunk = new byte[8 * 1024];
    try (OutputStream out = stream.outputStream()) {
      for (int at = 0; at < bytes; at += chunk.length) {
        for (int i = 0; i < chunk.length; i++) {
          chunk[i] = content(at + i);
        }
        out.write(chunk);
        written.addAndGet(chunk.length);
      }
    }
    return null;
  }

  /** Counts the bytes, which must be the right ones. */
  private static long read(TunnelStream stream) throws IOException {
    long count = 0;
    byte[] chunk = new byte[16 * 1024];
    try (stream) {
      for (int n = stream.inputStream().read(chunk); n >= 0; n = stream.inputStream().read(chunk)) {
        for (int i = 0; i < n; i++) {
          if (chunk[i] != content(count + i)) {
            throw new AssertionError("byte " + (count + i) + " is wrong");
          }
        }
        count += n;
      }
    }
    return count;
  }

  private static byte content(long position) {
    return (byte) (position * 31 + (position >> 8));
  }
}
