package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.jetty.Splice;
import io.culvert.jetty.StreamEndPoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a {@link Splice} between a stream, on the left, and something else promises. {@link #near}
 * is the other end of the stream, {@link #far()} that of the something else.
 */
@Timeout(60)
abstract class SpliceContract {
  private static final Duration LONG = Duration.ofSeconds(30);

  /** What is at the right side's other end. */
  interface Far extends AutoCloseable {
    InputStream in() throws IOException;

    OutputStream out() throws IOException;

    void endOutput() throws IOException;

    /** Cuts it, so that it cannot be taken for an end. */
    void cut() throws IOException;

    @Override
    void close() throws IOException;
  }

  final ExecutorService threads =
      Executors.newCachedThreadPool(task -> new Thread(task, "splice-test"));
  final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler("splice-timer", true);
  final ArrayByteBufferPool.Tracking pool = new ArrayByteBufferPool.Tracking();
  private final BlockingQueue<Splice.Outcome> outcomes = new LinkedBlockingQueue<>();

  private MemoryConnections pair;
  TunnelStream near;
  TunnelStream left;
  Splice splice;

  /** Makes both ends of the something else, ready for bytes. */
  abstract EndPoint connectRight() throws Exception;

  abstract Far far();

  abstract void disconnectRight() throws Exception;

  MemoryConnections.Sizes sizes() {
    return MemoryConnections.Sizes.DEFAULT;
  }

  /** More than all buffers on the way hold. */
  int bulk() {
    return 3_000_000;
  }

  @BeforeEach
  final void join() throws Exception {
    scheduler.start();
    pair = MemoryConnections.pair(sizes());
    BlockingQueue<TunnelStream> accepted = new LinkedBlockingQueue<>();
    pair.acceptor().streamHandler(accepted::add);
    near = pair.dialer().open(Map.of(), LONG);
    left = accepted.take();
    splice = Splice.between(endPoint(left), connectRight(), pool).onEnd(outcomes::add);
  }

  final StreamEndPoint endPoint(TunnelStream stream) {
    return new StreamEndPoint(stream, scheduler, threads, threads);
  }

  @AfterEach
  final void noBufferIsLeftAndItEndedOnce() throws Exception {
    near.reset(ErrorCode.CANCELLED);
    far().close();
    disconnectRight();
    pair.close();
    scheduler.stop();
    threads.shutdown();
    assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS), "something still runs");
    assertTrue(outcomes.size() <= 1, () -> "more than one end: " + outcomes);
    Await.until("all buffers are given back", () -> pool.getLeaks().isEmpty());
  }

  final Splice.Outcome outcome() throws InterruptedException {
    Splice.Outcome outcome = outcomes.poll(30, TimeUnit.SECONDS);
    assertNotNull(outcome, "the splice did not end");
    return outcome;
  }

  @Test
  void bytesGoBothWaysAtOnceAndEachDirectionHasItsOwnEnd() throws Exception {
    splice.start();
    byte[] up = random(bulk(), 1);
    byte[] down = random(bulk() + 13, 2);
    Future<?> sendUp = send(near.outputStream(), up, near::shutdownOutput);
    Future<?> sendDown = send(far().out(), down, far()::endOutput);
    Future<byte[]> atFar = threads.submit(() -> far().in().readAllBytes());
    assertArrayEquals(down, near.inputStream().readAllBytes());
    assertArrayEquals(up, atFar.get());
    sendUp.get();
    sendDown.get();
    assertEquals(new Splice.Outcome(up.length, down.length, null, null), outcome());
  }

  @Test
  void anEndOnTheLeftLeavesTheRightTalking() throws Exception {
    splice.start();
    near.outputStream().write('a');
    near.shutdownOutput();
    assertEquals("a", text(far().in().readAllBytes()));
    far().out().write('b');
    far().endOutput();
    assertEquals("b", text(near.inputStream().readAllBytes()));
    assertNull(outcome().failure());
  }

  @Test
  void anEndOnTheRightLeavesTheLeftTalking() throws Exception {
    splice.start();
    far().out().write('b');
    far().endOutput();
    assertEquals("b", text(near.inputStream().readAllBytes()));
    near.outputStream().write('a');
    near.shutdownOutput();
    assertEquals("a", text(far().in().readAllBytes()));
    assertNull(outcome().failure());
  }

  @Test
  void aByteIsPassedOnWithoutWaitingForMore() throws Exception {
    splice.start();
    for (int i = 0; i < 200; i++) {
      near.outputStream().write(i);
      assertEquals(i, far().in().read());
      far().out().write(255 - i);
      assertEquals(255 - i, near.inputStream().read());
    }
  }

  @Test
  void whatWasReadBeforeComesFirst() throws Exception {
    splice.alreadyRead(Splice.Side.LEFT, bytes("early "));
    splice.alreadyRead(Splice.Side.RIGHT, bytes("soon "));
    splice.start();
    near.outputStream().write("late".getBytes(StandardCharsets.UTF_8));
    near.shutdownOutput();
    far().endOutput();
    assertEquals("early late", text(far().in().readAllBytes()));
    assertEquals("soon ", text(near.inputStream().readAllBytes()));
    assertEquals(new Splice.Outcome(10, 5, null, null), outcome());
  }

  @Test
  void aSideThatDoesNotReadMakesTheOtherWait() throws Exception {
    splice.start();
    byte[] all = random(40 * bulk() / 3, 3);
    Future<?> sending = send(near.outputStream(), all, near::shutdownOutput);
    awaitStandstill();
    assertFalse(sending.isDone(), "everything was taken, and nobody has read");
    assertArrayEquals(all, far().in().readAllBytes());
    sending.get();
  }

  @Test
  void aResetOfTheLeftCutsTheRight() throws Exception {
    splice.start();
    near.outputStream().write('a');
    assertEquals('a', far().in().read());
    near.reset(ErrorCode.CANCELLED);
    assertThrows(IOException.class, () -> far().in().read());
    assertEquals(Splice.Side.LEFT, outcome().failed());
  }

  @Test
  void aCutOfTheRightResetsTheLeft() throws Exception {
    splice.start();
    near.outputStream().write('a');
    assertEquals('a', far().in().read());
    far().cut();
    assertThrows(TunnelException.class, () -> near.inputStream().read());
    assertEquals(Splice.Side.RIGHT, outcome().failed());
  }

  @Test
  void whoeverKnowsBetterSaysWhyTheRightWasCut() throws Exception {
    splice.beforeFailure(
        outcome -> {
          assertEquals(Splice.Side.RIGHT, outcome.failed());
          left.reset(ErrorCode.UPSTREAM_RESET);
        });
    splice.start();
    far().cut();
    TunnelException e = assertThrows(TunnelException.class, () -> near.inputStream().read());
    assertEquals(ErrorCode.UPSTREAM_RESET, e.code());
  }

  @Test
  void thePeerOfAnIdleStreamThatReadsNoMoreClosesTheRight() throws Exception {
    splice.start();
    near.shutdownInput();
    awaitGone();
    assertEquals(Splice.Side.LEFT, outcome().failed());
  }

  @Test
  void aStreamThatIsGivenUpClosesTheRightAlthoughNothingMoves() throws Exception {
    splice.start();
    Future<?> sending = send(near.outputStream(), random(40 * bulk() / 3, 3), () -> {});
    awaitStandstill();
    near.reset(ErrorCode.CANCELLED);
    assertEquals(Splice.Side.LEFT, outcome().failed());
    assertThrows(Exception.class, sending::get);
    awaitGone();
  }

  @Test
  void whatAStreamHadSaidBeforeItWasClosedArrives() throws Exception {
    splice.start();
    near.outputStream().write('z');
    near.close();
    assertEquals('z', far().in().read());
    awaitGone();
    outcome();
  }

  @Test
  void anIdleStreamThatIsClosedIsNoFailure() throws Exception {
    splice.start();
    near.outputStream().write('a');
    assertEquals('a', far().in().read());
    near.shutdownOutput();
    assertEquals(-1, far().in().read());
    near.close();
    assertEquals(Splice.Outcome.class, outcome().getClass());
    awaitGone();
  }

  @Test
  void theEndOfTheConnectionCutsTheRight() throws Exception {
    splice.start();
    pair.cut();
    awaitGone();
    assertEquals(Splice.Side.LEFT, outcome().failed());
  }

  @Test
  void anAbortCutsBoth() throws Exception {
    splice.start();
    splice.abort(new IOException("stopping"));
    assertThrows(TunnelException.class, () -> near.inputStream().read());
    awaitGone();
    Splice.Outcome outcome = outcome();
    assertNull(outcome.failed());
    assertEquals("stopping", outcome.failure().getMessage());
    splice.abort(new IOException("again"));
  }

  @RepeatedTest(20)
  void bothSidesCutAtOnceEndItOnce() throws Exception {
    splice.start();
    near.outputStream().write('a');
    Future<?> other =
        threads.submit(
            () -> {
              far().cut();
              return null;
            });
    near.reset(ErrorCode.CANCELLED);
    other.get();
    assertNotNull(outcome().failure());
  }

  @RepeatedTest(10)
  void randomPiecesInBothDirectionsLoseNothing() throws Exception {
    splice.start();
    Random random = new Random();
    long seed = random.nextLong();
    byte[] up = random(20_000, seed);
    byte[] down = random(20_000, seed + 1);
    Future<?> sendUp = pieces(near.outputStream(), up, seed, near::shutdownOutput);
    Future<?> sendDown = pieces(far().out(), down, seed + 2, far()::endOutput);
    Future<byte[]> atFar = threads.submit(() -> far().in().readAllBytes());
    assertArrayEquals(down, near.inputStream().readAllBytes(), "seed " + seed);
    assertArrayEquals(up, atFar.get(), "seed " + seed);
    sendUp.get();
    sendDown.get();
    assertNull(outcome().failure(), "seed " + seed);
  }

  /** Everything between near and far is full: near has been taking nothing for a while. */
  private void awaitStandstill() {
    long[] seen = {-1, 0};
    Await.until(
        "the writer waits",
        () -> {
          boolean moved = near.bytesWritten() != seen[0] || !near.stalled();
          seen[0] = near.bytesWritten();
          seen[1] = moved ? 0 : seen[1] + 1;
          return seen[1] == 100;
        });
  }

  /** The far end finds out that it is over. */
  private void awaitGone() throws IOException {
    try {
      byte[] some = new byte[4096];
      int count;
      do {
        count = far().in().read(some);
      } while (count >= 0);
    } catch (IOException e) {
      assertFalse(e instanceof java.net.SocketTimeoutException, "nothing was noticed");
    }
  }

  private interface End {
    void end() throws IOException;
  }

  private Future<?> send(OutputStream out, byte[] all, End end) {
    return threads.submit(
        () -> {
          out.write(all);
          end.end();
          return null;
        });
  }

  private Future<?> pieces(OutputStream out, byte[] all, long seed, End end) {
    return threads.submit(
        () -> {
          Random random = new Random(seed);
          int sent = 0;
          while (sent < all.length) {
            int most = random.nextBoolean() ? 3 : 2_000;
            int count = Math.min(1 + random.nextInt(most), all.length - sent);
            out.write(all, sent, count);
            sent += count;
          }
          end.end();
          return null;
        });
  }

  static byte[] random(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
