package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What {@link TunnelStream} and {@link io.culvert.connection.StreamConnection} promise, as tests.
 * Extend it for each implementation and each set of sizes; the opener is {@link
 * ConnectionPair#dialer}, so {@link ConnectionPair#swapped} gives the other direction.
 */
@Timeout(60)
public abstract class StreamContract {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ExecutorService threads =
      Executors.newCachedThreadPool(task -> new Thread(task, "stream-contract"));
  private final BlockingQueue<TunnelStream> accepted = new LinkedBlockingQueue<>();
  private ConnectionPair pair;
  private TunnelStream near;
  private TunnelStream far;

  /** Joins two connections without stream handlers; the suite closes them. */
  protected abstract ConnectionPair connect() throws Exception;

  /** How many streams the opener of a connection of {@link #connect} may have open at once. */
  protected abstract int streamLimit();

  /** More bytes than buffer and window of a stream hold together, and not too many to move. */
  protected int bulk() {
    return 600_000;
  }

  @BeforeEach
  final void openOneStream() throws Exception {
    pair = connect();
    pair.acceptor().streamHandler(accepted::add);
    near = pair.dialer().open(Map.of("scheme", "http"), LONG);
    far = accepted.take();
  }

  @AfterEach
  final void endEverything() throws Exception {
    pair.close();
    threads.shutdownNow();
    assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS), "a blocked thread did not wake");
  }

  @Test
  void attributesAndIdReachThePeer() {
    assertEquals(near.id(), far.id());
    assertEquals(Map.of("scheme", "http"), far.attributes());
    assertEquals(Map.of("scheme", "http"), near.attributes());
    assertSame(pair.dialer(), near.connection());
    assertSame(pair.acceptor(), far.connection());
    assertEquals(pair.dialer().id(), pair.acceptor().id());
  }

  @Test
  void bytesArriveInOrderInBothDirectionsAtOnce() throws Exception {
    byte[] up = random(bulk() + 1, 1);
    byte[] down = random(bulk() + 7, 2);
    Future<?> writeUp = sending(near, up);
    Future<?> writeDown = sending(far, down);
    Future<byte[]> readDown = threads.submit(() -> near.inputStream().readAllBytes());
    assertArrayEquals(up, far.inputStream().readAllBytes());
    assertArrayEquals(down, readDown.get());
    writeUp.get();
    writeDown.get();
    assertEquals(up.length, near.bytesWritten());
    assertEquals(down.length, near.bytesReceived());
    assertTrue(near.finReceived());
    assertTrue(near.inputEnded());
    assertEquals(0, near.unsentBytes());
  }

  @Test
  void blockedReadWakesOnData() throws Exception {
    Future<Integer> read = threads.submit(() -> far.inputStream().read());
    near.outputStream().write(7);
    assertEquals(7, read.get());
  }

  @Test
  void blockedReadWakesOnFin() throws Exception {
    Future<Integer> read = threads.submit(() -> far.inputStream().read());
    near.shutdownOutput();
    assertEquals(-1, read.get());
    assertTrue(far.finReceived());
    assertTrue(far.inputEnded());
  }

  @Test
  void blockedReadWakesOnResetWhichCarriesTheCode() throws Exception {
    Future<Integer> read = threads.submit(() -> far.inputStream().read());
    near.reset(ErrorCode.INTERNAL_ERROR);
    TunnelException e = assertInstanceOf(TunnelException.class, failureOf(read));
    assertEquals(ErrorCode.INTERNAL_ERROR, e.code());
    assertTrue(far.closed());
    assertTrue(far.inputEnded());
    assertTrue(far.outputEnded());
    assertThrows(TunnelException.class, () -> far.outputStream().write(1));
  }

  @Test
  void blockedReadWakesOnCloseByThisSide() throws Exception {
    Future<Integer> read = threads.submit(() -> far.inputStream().read());
    far.close();
    assertInstanceOf(SocketException.class, failureOf(read));
    assertTrue(far.closed());
  }

  @Test
  void blockedWriteWakesWhenThePeerReads() throws Exception {
    Future<?> write = sending(near, random(bulk(), 3));
    assertFalse(write.isDone(), "no bound on what is buffered");
    assertEquals(bulk(), far.inputStream().readAllBytes().length);
    write.get();
  }

  @Test
  void blockedWriteWakesOnCloseByThisSide() throws Exception {
    fill(near);
    Future<?> write = threads.submit(() -> writeOne(near));
    near.close();
    assertInstanceOf(SocketException.class, failureOf(write));
  }

  @Test
  void blockedWriteWakesOnReset() throws Exception {
    fill(near);
    Future<?> write = threads.submit(() -> writeOne(near));
    far.reset(ErrorCode.CANCELLED);
    TunnelException e = assertInstanceOf(TunnelException.class, failureOf(write));
    assertEquals(ErrorCode.CANCELLED, e.code());
  }

  @Test
  void blockedWriteWakesWhenThePeerStopsReading() throws Exception {
    fill(near);
    Future<?> write = threads.submit(() -> writeOne(near));
    far.shutdownInput();
    assertInstanceOf(IOException.class, failureOf(write));
    assertTrue(near.outputEnded());
    assertFalse(near.closed());
    // The other direction is unharmed.
    far.outputStream().write(9);
    assertEquals(9, near.inputStream().read());
  }

  @Test
  void writesFailAfterShutdownOutputAndReadsGoOn() throws Exception {
    near.shutdownOutput();
    near.shutdownOutput();
    assertThrows(IOException.class, () -> near.outputStream().write(1));
    assertThrows(IOException.class, () -> near.write(ByteBuffer.allocate(1)));
    assertTrue(near.outputEnded());
    far.outputStream().write(5);
    assertEquals(5, near.inputStream().read());
  }

  @Test
  void shutdownOutputDeliversEverythingWrittenBefore() throws Exception {
    fill(near);
    long written = near.bytesWritten();
    near.shutdownOutput();
    assertEquals(written, far.inputStream().readAllBytes().length);
  }

  @Test
  void closeDeliversEverythingWrittenBefore() throws Exception {
    fill(near);
    long written = near.bytesWritten();
    near.close();
    near.close();
    assertEquals(written, far.inputStream().readAllBytes().length);
    assertThrows(IOException.class, () -> writeUntilItFails(far));
  }

  @Test
  void whoeverSeesTheEndOfAClosedStreamKnowsThatNobodyReads() throws Exception {
    near.outputStream().write(1);
    near.close();
    far.inputStream().readAllBytes();
    assertTrue(far.outputEnded());
  }

  @Test
  void shutdownInputDropsWhatIsUnreadAndEndsReads() throws Exception {
    near.outputStream().write(1);
    awaitReadable(far);
    far.shutdownInput();
    far.shutdownInput();
    assertEquals(-1, far.inputStream().read());
    assertTrue(far.inputEnded());
    assertThrows(IOException.class, () -> writeUntilItFails(near));
  }

  @Test
  void readTimeoutLeavesTheStreamUsable() throws Exception {
    far.readTimeout(Duration.ofMillis(20));
    assertThrows(SocketTimeoutException.class, () -> far.inputStream().read());
    near.outputStream().write(3);
    far.readTimeout(Duration.ZERO);
    assertEquals(3, far.inputStream().read());
  }

  @Test
  void readIsNotBlockingAndSaysHowMuchCame() throws Exception {
    ByteBuffer target = ByteBuffer.allocate(10);
    assertEquals(0, far.read(target));
    assertEquals(0, far.inputStream().available());
    near.outputStream().write(new byte[] {1, 2});
    awaitBytes(far, 2);
    assertEquals(0, far.read(ByteBuffer.allocate(0)));
    int first = far.read(target);
    assertTrue(first > 0);
    near.shutdownOutput();
    while (far.read(target) >= 0) {
      awaitReadable(far);
    }
    assertEquals(2, target.position());
  }

  @Test
  void whenReadableRunsAtOnceOnTheCallingThreadIfSomethingIsThere() throws Exception {
    near.outputStream().write(1);
    awaitReadable(far);
    Thread[] ran = new Thread[1];
    far.whenReadable(() -> ran[0] = Thread.currentThread());
    assertSame(Thread.currentThread(), ran[0]);
  }

  @Test
  void whenReadableRunsElsewhereLater() throws Exception {
    CompletableFuture<Thread> woken = new CompletableFuture<>();
    far.whenReadable(() -> woken.complete(Thread.currentThread()));
    assertFalse(woken.isDone());
    Thread writer = new Thread(() -> writeOne(near), "writer");
    writer.start();
    assertFalse(woken.get().equals(writer), "ran on the writer's thread");
    writer.join();
  }

  @Test
  void aLaterRegistrationReplacesAnEarlierOne() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    far.whenReadable(first::countDown);
    far.whenReadable(second::countDown);
    near.outputStream().write(1);
    second.await();
    assertEquals(1, first.getCount());
  }

  @Test
  void whenReadableAndWhenWritableRunOnEveryEnd() throws Exception {
    fill(near);
    CountDownLatch woken = new CountDownLatch(3);
    near.whenWritable(woken::countDown);
    near.whenReadable(woken::countDown);
    TunnelStream other = pair.dialer().open(Map.of(), LONG);
    other.whenReadable(woken::countDown);
    accepted.take().reset(ErrorCode.CANCELLED);
    far.reset(ErrorCode.CANCELLED);
    woken.await();
  }

  @Test
  void whoeverWaitsForTheStreamToBeGivenUpNeedsNoReadAndNoWrite() throws Exception {
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    near.outputStream().write(1); // unread bytes must not hide it
    near.whenGivenUp(() -> stopped.complete(null));
    near.shutdownOutput();
    assertFalse(stopped.isDone(), "the end of its own bytes gives nothing up");
    far.reset(ErrorCode.CANCELLED);
    stopped.get();

    TunnelStream other = pair.dialer().open(Map.of(), LONG);
    TunnelStream otherFar = accepted.take();
    CompletableFuture<Void> peerReadsNoMore = new CompletableFuture<>();
    other.whenGivenUp(() -> peerReadsNoMore.complete(null));
    otherFar.shutdownInput();
    peerReadsNoMore.get();
    boolean[] atOnce = new boolean[1];
    other.whenGivenUp(() -> atOnce[0] = true);
    assertTrue(atOnce[0], "it had been given up before");
  }

  @Test
  void noWakeUpIsLostBetweenReaderAndWriter() throws Exception {
    int total = Math.min(20_000, bulk());
    Future<?> writer =
        threads.submit(
            () -> {
              for (int i = 0; i < total; i++) {
                near.outputStream().write(i);
              }
              return null;
            });
    AsyncCopy copy = new AsyncCopy(far, total, threads);
    copy.start();
    copy.done.get();
    writer.get();
  }

  @Test
  void noWakeUpIsLostOnTheWayToAnAsynchronousWriter() throws Exception {
    int total = bulk();
    CompletableFuture<Void> done = new CompletableFuture<>();
    ByteBuffer source = ByteBuffer.wrap(random(total, 4));
    threads.execute(() -> writeAsync(source, done));
    Future<byte[]> read = threads.submit(() -> far.inputStream().readNBytes(total));
    done.get();
    assertArrayEquals(source.array(), read.get());
  }

  private void writeAsync(ByteBuffer source, CompletableFuture<Void> done) {
    try {
      while (source.hasRemaining()) {
        if (near.write(source) == 0) {
          near.whenWritable(() -> threads.execute(() -> writeAsync(source, done)));
          return;
        }
      }
      done.complete(null);
    } catch (IOException e) {
      done.completeExceptionally(e);
    }
  }

  @Test
  void streamsAreRefusedWithoutAHandlerAndThatSaysNotDelivered() throws Exception {
    pair.acceptor().streamHandler(null);
    TunnelStream refused = pair.dialer().open(Map.of(), LONG);
    TunnelException e = assertThrows(TunnelException.class, () -> refused.inputStream().read());
    assertEquals(ErrorCode.REFUSED, e.code());
    assertEquals(Delivered.NO, e.delivered());
    refused.close();
  }

  @Test
  void deliveredIsYesOnceAByteCameAndUnknownBeforeThat() throws Exception {
    assertEquals(Delivered.NO, far.delivered());
    near.outputStream().write(1);
    assertEquals(1, far.inputStream().read());
    assertEquals(Delivered.UNKNOWN, near.delivered());
    far.outputStream().write(1);
    assertEquals(1, near.inputStream().read());
    assertEquals(Delivered.YES, near.delivered());
  }

  @Test
  void openWaitsUntilTheHandlerOfAnEarlierStreamHasClosedIt() throws Exception {
    List<TunnelStream> open = new ArrayList<>();
    open.add(far);
    for (int i = 1; i < streamLimit(); i++) {
      pair.dialer().open(Map.of(), LONG);
      open.add(accepted.take());
    }
    TunnelException e =
        assertThrows(
            TunnelException.class, () -> pair.dialer().open(Map.of(), Duration.ofMillis(20)));
    assertEquals(Delivered.NO, e.delivered());
    assertEquals(ErrorCode.LIMIT_EXCEEDED, e.code());
    // The opener's reset gives nothing back: the handler may still be running.
    near.reset(ErrorCode.CANCELLED);
    assertThrows(TunnelException.class, () -> pair.dialer().open(Map.of(), Duration.ZERO));
    Future<TunnelStream> waiting = threads.submit(() -> pair.dialer().open(Map.of(), LONG));
    open.get(0).close();
    assertNotNull(waiting.get());
  }

  @Test
  void waitingForStreamCreditCanBeInterrupted() throws Exception {
    for (int i = 1; i < streamLimit(); i++) {
      pair.dialer().open(Map.of(), LONG);
    }
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread waiter =
        new Thread(
            () ->
                failure.complete(
                    assertThrows(IOException.class, () -> pair.dialer().open(Map.of(), LONG))),
            "waiter");
    waiter.start();
    waiter.interrupt();
    assertInstanceOf(InterruptedIOException.class, failure.get());
    waiter.join();
  }

  @Test
  void theEndOfTheConnectionWakesEverybody() throws Exception {
    TunnelStream silent = pair.dialer().open(Map.of(), LONG);
    Future<Integer> read = threads.submit(() -> silent.inputStream().read());
    fill(far);
    Future<?> write = threads.submit(() -> writeOne(far));
    pair.close();
    assertInstanceOf(TunnelException.class, failureOf(read));
    assertInstanceOf(TunnelException.class, failureOf(write));
    TunnelException e =
        assertThrows(TunnelException.class, () -> pair.dialer().open(Map.of(), LONG));
    assertEquals(Delivered.NO, e.delivered());
  }

  private Future<?> sending(TunnelStream stream, byte[] bytes) {
    return threads.submit(
        () -> {
          stream.outputStream().write(bytes);
          stream.shutdownOutput();
          return null;
        });
  }

  private static void writeOne(TunnelStream stream) {
    try {
      stream.outputStream().write(1);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void writeUntilItFails(TunnelStream stream) throws IOException {
    while (true) {
      stream.outputStream().write(new byte[1024]);
    }
  }

  /** Writes until nothing more is taken, neither by the buffer nor by the peer's window. */
  private static void fill(TunnelStream stream) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(16 << 10);
    long before;
    do {
      before = stream.bytesWritten();
      while (stream.write(bytes) > 0) {
        bytes.clear();
      }
      bytes.clear();
      // What is on its way out makes room again; nothing says when that is over, so look twice.
      CountDownLatch writable = new CountDownLatch(1);
      stream.whenWritable(writable::countDown);
      if (writable.await(50, TimeUnit.MILLISECONDS)) {
        before = -1;
      }
    } while (stream.bytesWritten() != before);
  }

  private static void awaitReadable(TunnelStream stream) throws InterruptedException {
    CountDownLatch readable = new CountDownLatch(1);
    stream.whenReadable(readable::countDown);
    readable.await();
  }

  /** Waits until that many bytes have come, or the window holds the rest back. */
  private static void awaitBytes(TunnelStream stream, int count) throws Exception {
    awaitReadable(stream);
    while (stream.bytesReceived() < count) {
      Thread.onSpinWait();
    }
  }

  private static Throwable failureOf(Future<?> future) {
    Throwable cause = assertThrows(ExecutionException.class, future::get).getCause();
    return cause instanceof java.io.UncheckedIOException ? cause.getCause() : cause;
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Reads with {@link TunnelStream#whenReadable} alone and checks each byte. */
  private static final class AsyncCopy {
    final CompletableFuture<Void> done = new CompletableFuture<>();
    private final TunnelStream stream;
    private final int total;
    private final ExecutorService threads;
    private int count;

    AsyncCopy(TunnelStream stream, int total, ExecutorService threads) {
      this.stream = stream;
      this.total = total;
      this.threads = threads;
    }

    void start() {
      stream.whenReadable(() -> threads.execute(this::run));
    }

    private void run() {
      ByteBuffer target = ByteBuffer.allocate(7);
      try {
        while (count < total && stream.read(target.clear()) > 0) {
          target.flip();
          while (target.hasRemaining()) {
            assertEquals((byte) count++, target.get());
          }
        }
        if (count < total) {
          start();
        } else {
          done.complete(null);
        }
      } catch (Throwable e) {
        done.completeExceptionally(e);
      }
    }
  }
}
