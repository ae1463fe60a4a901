package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.servlet.ServletHost;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The serving side alone, spoken to in bytes. */
@Timeout(60)
class ServletHostTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String GET = "GET /wait HTTP/1.1\r\nHost: a.test\r\n\r\n";

  /** Preface, SETTINGS, and HEADERS of a GET of /wait from a.test (RFC 9113, RFC 7541). */
  private static final String HTTP2_GET =
      "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a"
          + "000000040000000000"
          + "00001101050000000182860405"
          + "2f776169740106612e74657374";

  private final MemoryConnections pair =
      MemoryConnections.pair(new MemoryConnections.Sizes(64 << 10, 256 << 10, 1));
  private final Semaphore entered = new Semaphore(0);
  private final Semaphore leave = new Semaphore(0);
  private final AtomicInteger initialised = new AtomicInteger();
  private ServletHost host;

  @AfterEach
  void close() {
    leave.release(100);
    if (host != null) {
      host.close();
    }
    pair.close();
  }

  private ServletHost serve(Duration idleTimeout) {
    host =
        ServletHost.builder(new WaitingServlet())
            .idleTimeout(idleTimeout)
            .stopTimeout(LONG)
            .build()
            .start();
    pair.acceptor().streamHandler(host.streams());
    return host;
  }

  private TunnelStream send(MemoryConnections to, String request) throws IOException {
    TunnelStream stream = to.dialer().open(Map.of("scheme", "http"), LONG);
    stream.outputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return stream;
  }

  private static String answerTo(TunnelStream stream) throws IOException {
    stream.shutdownOutput();
    return new String(stream.inputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void creditComesBackOnlyWhenTheHandlerHasFinished() throws Exception {
    serve(LONG);
    TunnelStream first = send(pair, GET);
    entered.acquire();
    first.reset(ErrorCode.CANCELLED);
    assertThrows(TunnelException.class, () -> pair.dialer().open(Map.of(), Duration.ZERO));
    // Let the server see the reset, and the handler write into it, before it ends.
    awaitReader();
    assertThrows(TunnelException.class, () -> pair.dialer().open(Map.of(), Duration.ZERO));
    leave.release();
    assertTrue(answerTo(sendAndLeave()).startsWith("HTTP/1.1 200"));
  }

  private TunnelStream sendAndLeave() throws IOException {
    leave.release();
    return send(pair, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
  }

  @Test
  void creditComesBackAfterAHandlerWhoseWriteFailed() throws Exception {
    serve(LONG);
    TunnelStream first = send(pair, GET.replace("/wait", "/write"));
    entered.acquire();
    first.reset(ErrorCode.CANCELLED);
    // The handler's write fails, and Jetty closes the end point while the handler goes on.
    entered.acquire();
    assertThrows(TunnelException.class, () -> pair.dialer().open(Map.of(), Duration.ZERO));
    leave.release();
    assertTrue(answerTo(sendAndLeave()).startsWith("HTTP/1.1 200"));
  }

  @Test
  void creditComesBackAfterTheHandlerEvenIfJettyHasClosedTheEndPointBefore() throws Exception {
    serve(LONG);
    TunnelStream first = pair.dialer().open(Map.of("scheme", "http"), LONG);
    first.outputStream().write(HexFormat.of().parseHex(HTTP2_GET));
    entered.acquire();
    first.reset(ErrorCode.CANCELLED);
    while (!host.connector().getConnectedEndPoints().isEmpty()) {
      Thread.onSpinWait();
    }
    assertThrows(TunnelException.class, () -> pair.dialer().open(Map.of(), Duration.ZERO));
    leave.release();
    assertTrue(answerTo(sendAndLeave()).startsWith("HTTP/1.1 200"));
  }

  @Test
  void creditComesBackAtOnceWhenAStreamIsResetBeforeItsRequest() throws Exception {
    serve(LONG.multipliedBy(10));
    pair.dialer().open(Map.of("scheme", "http"), LONG).reset(ErrorCode.CANCELLED);
    assertTrue(answerTo(sendAndLeave()).startsWith("HTTP/1.1 200"));
  }

  @Test
  void oneServletServesManyConnectionsAndIsInitialisedOnce() throws Exception {
    serve(LONG);
    try (MemoryConnections second = MemoryConnections.pair()) {
      second.acceptor().streamHandler(host.streams());
      assertTrue(answerTo(sendAndLeave()).startsWith("HTTP/1.1 200"));
      leave.release();
      assertTrue(answerTo(send(second, GET)).startsWith("HTTP/1.1 200"));
    }
    assertEquals(1, initialised.get());
  }

  @Test
  void anAbsoluteTargetCannotPretendAnotherHostOrScheme() throws Exception {
    serve(LONG);
    leave.release(2);
    String absolute =
        "GET https://a.test/wait HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
    assertTrue(answerTo(send(pair, absolute)).endsWith("http false a.test"));
    String mismatch = absolute.replace("https://a.test", "http://evil.test");
    assertTrue(answerTo(send(pair, mismatch)).startsWith("HTTP/1.1 400"));
  }

  @Test
  void headersBeyondTheLimitAndGarbageAreAnsweredAndClosed() throws Exception {
    serve(LONG);
    String large = GET.replace("Host", "X: " + "x".repeat(33 << 10) + "\r\nHost");
    assertTrue(answerTo(send(pair, large)).startsWith("HTTP/1.1 431"));
    assertTrue(answerTo(send(pair, "\u0016\u0003\u0001 nonsense\r\n\r\n")).contains(" 400 "));
    while (pair.streams(false) > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void idleStreamsEndButNotWhileARequestRunsOrTheConnectionIsDetached() throws Exception {
    serve(Duration.ofMillis(100));
    try (MemoryConnections detached = MemoryConnections.pair();
        MemoryConnections idle = MemoryConnections.pair()) {
      detached.acceptor().streamHandler(host.streams());
      idle.acceptor().streamHandler(host.streams());
      AtomicLong outage = new AtomicLong();
      ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
      try {
        ScheduledFuture<?> ticking =
            clock.scheduleAtFixedRate(
                () -> detached.outage(Duration.ofMillis(outage.incrementAndGet())),
                0,
                5,
                TimeUnit.MILLISECONDS);
        Await.until("the outage has begun", () -> outage.get() > 0);
        TunnelStream kept = send(detached, "GET /");
        TunnelStream running = send(pair, GET);
        entered.acquire();
        for (int i = 0; i < 3; i++) {
          assertEquals(-1, send(idle, "").inputStream().read());
        }
        assertFalse(kept.finReceived());
        assertFalse(running.finReceived());
        ticking.cancel(false);
        kept.inputStream().readAllBytes();
        leave.release();
        assertTrue(answerTo(running).startsWith("HTTP/1.1 200"));
      } finally {
        clock.shutdown();
      }
    }
  }

  @Test
  void closeLetsARunningRequestFinishAndRefusesNewStreams() throws Exception {
    serve(LONG);
    try (MemoryConnections other = MemoryConnections.pair()) {
      other.acceptor().streamHandler(host.streams());
      TunnelStream running = send(pair, GET);
      entered.acquire();
      CompletableFuture<Void> closed = CompletableFuture.runAsync(host::close);
      TunnelException refused;
      do {
        TunnelStream late = other.dialer().open(Map.of(), LONG);
        late.readTimeout(Duration.ofMillis(50));
        refused = refusalOf(late);
      } while (refused == null);
      assertEquals(ErrorCode.REFUSED, refused.code());
      assertFalse(closed.isDone());
      leave.release();
      assertTrue(answerTo(running).startsWith("HTTP/1.1 200"));
      closed.get();
    }
  }

  private static TunnelException refusalOf(TunnelStream stream) throws IOException {
    try {
      stream.inputStream().read();
      return null;
    } catch (TunnelException e) {
      return e;
    } catch (java.net.SocketTimeoutException e) {
      stream.close();
      return null;
    }
  }

  @Test
  void threadsEndWithTheHost() throws Exception {
    serve(LONG);
    assertTrue(answerTo(sendAndLeave()).startsWith("HTTP/1.1 200"));
    assertTrue(hostThreads() > 0);
    host.close();
    host.close();
    while (hostThreads() > 0) {
      Thread.onSpinWait();
    }
  }

  private static long hostThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("culvert-servlet"))
        .count();
  }

  @Test
  void anApplicationThatCannotStartSaysWhy() {
    HttpServlet broken =
        new HttpServlet() {
          private static final long serialVersionUID = 1L;

          @Override
          public void init() {
            throw new IllegalArgumentException("expected by the test");
          }
        };
    host = ServletHost.builder(broken).build();
    IllegalStateException e = assertThrows(IllegalStateException.class, host::start);
    assertTrue(e.getMessage().contains("expected by the test"), e.getMessage());
  }

  /** Says that it was entered, waits until it may leave, and answers what it sees. */
  private final class WaitingServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    public void init() {
      initialised.incrementAndGet();
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      entered.release();
      if (request.getRequestURI().equals("/write")) {
        assertThrows(IOException.class, () -> writeUntilItFails(response));
        entered.release();
      }
      leave.acquireUninterruptibly();
      response
          .getWriter()
          .print(request.getScheme() + " " + request.isSecure() + " " + request.getServerName());
    }

    private void writeUntilItFails(HttpServletResponse response) throws IOException {
      try {
        while (true) {
          response.getOutputStream().write(new byte[1000]);
          response.flushBuffer();
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
  }

  /** Waits until the server's reader has seen what was sent before. */
  private void awaitReader() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    ((MemoryConnection) pair.acceptor()).onReader(done::countDown);
    done.await();
  }
}
