package io.culvert.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.okhttp.RetryPolicy;
import io.culvert.server.TunnelServer;
import io.culvert.servlet.ServletHost;
import io.culvert.testkit.Await;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.Okio;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which calls are sent again, by a client and by a server. */
@Timeout(60)
class RetryTest {
  private static final RetryPolicy THREE =
      new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5));

  /** Nobody waits that long; whoever has to wait does so until something else ends it. */
  private static final RetryPolicy PATIENT =
      new RetryPolicy(3, Duration.ofDays(1), Duration.ofDays(1));

  private final Executions service = new Executions();

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  /** What the server does to a stream that the client has opened. */
  private enum Fate {
    REFUSED {
      @Override
      void happen(TunnelStream stream) {
        stream.reset(ErrorCode.REFUSED);
      }
    },
    BROKEN {
      @Override
      void happen(TunnelStream stream) throws IOException {
        readHeaders(stream);
        stream.reset(ErrorCode.INTERNAL_ERROR);
      }
    },
    HALF_ANSWERED {
      @Override
      void happen(TunnelStream stream) throws IOException {
        readHeaders(stream);
        stream.outputStream().write("HTTP/1.1 200".getBytes(US_ASCII));
        stream.shutdownOutput();
      }
    };

    abstract void happen(TunnelStream stream) throws IOException;

    static void readHeaders(TunnelStream stream) throws IOException {
      BufferedSource request = Okio.buffer(Okio.source(stream.inputStream()));
      while (!request.readUtf8LineStrict().isEmpty()) {}
    }
  }

  /** A tunnel whose server treats the first streams as told, and serves the others. */
  private final class Tunnel implements AutoCloseable {
    final AtomicInteger streams = new AtomicInteger();
    final TunnelServer server;
    final SocketConnection connection;
    final OkHttpClient http;
    private final ServletHost host = ServletHost.builder(service).build().start();

    Tunnel(RetryPolicy policy, Fate... fates) throws IOException {
      server = Setup.server().build();
      List<Fate> told = List.of(fates);
      server.onConnection(peer -> peer.streams().streamHandler(stream -> take(stream, told)));
      server.start();
      connection = Setup.client(server).retry(policy).build().connect();
      http = Setup.http(connection);
    }

    private void take(TunnelStream stream, List<Fate> told) {
      int number = streams.getAndIncrement();
      if (number >= told.size()) {
        host.streams().onStream(stream);
        return;
      }
      CompletableFuture<Object> unused =
          Setup.async(
              () -> {
                told.get(number).happen(stream);
                return null;
              });
    }

    String send(Request request) throws IOException {
      try (Response response = http.newCall(request).execute()) {
        return response.body().string();
      }
    }

    TunnelException fails(Request request, Delivered delivered) {
      TunnelException failure = assertThrows(TunnelException.class, () -> send(request));
      assertEquals(delivered, failure.delivered());
      return failure;
    }

    @Override
    public void close() {
      connection.abort();
      server.stop(Duration.ZERO);
      host.close();
    }
  }

  private static Request post() {
    return Executions.post("/", "a").build();
  }

  private static Request keyed() {
    return Executions.post("/", "a").header(RetryPolicy.IDEMPOTENCY_KEY, "1").build();
  }

  @Test
  void whatWasNotDeliveredIsSentAgain() throws Exception {
    try (Tunnel tunnel = new Tunnel(THREE, Fate.REFUSED, Fate.REFUSED)) {
      assertEquals("done", tunnel.send(post()));
      assertEquals(3, tunnel.streams.get());
      assertEquals(1, service.of("a"));
    }
  }

  @Test
  void nothingIsSentAgainUnlessAskedFor() throws Exception {
    try (Tunnel tunnel = new Tunnel(RetryPolicy.OFF, Fate.REFUSED)) {
      tunnel.fails(keyed(), Delivered.NO);
      assertEquals(1, tunnel.streams.get());
    }
  }

  @Test
  void theLastFailureHasTheEarlierOnesSuppressed() throws Exception {
    try (Tunnel tunnel = new Tunnel(THREE, Fate.REFUSED, Fate.REFUSED, Fate.REFUSED)) {
      TunnelException failure = tunnel.fails(post(), Delivered.NO);
      assertEquals(2, failure.getSuppressed().length);
      assertInstanceOf(TunnelException.class, failure.getSuppressed()[1]);
      assertEquals(3, tunnel.streams.get());
      assertEquals(0, service.of("a"));
    }
  }

  @Test
  void whatMayHaveArrivedIsNotSentAgain() throws Exception {
    try (Tunnel tunnel = new Tunnel(THREE, Fate.BROKEN)) {
      tunnel.fails(post(), Delivered.UNKNOWN);
      assertEquals(1, tunnel.streams.get());
    }
  }

  @Test
  void anIdempotencyKeyAllowsThatToo() throws Exception {
    try (Tunnel tunnel = new Tunnel(THREE, Fate.BROKEN, Fate.BROKEN)) {
      assertEquals("done", tunnel.send(keyed()));
      assertEquals(3, tunnel.streams.get());
    }
  }

  @Test
  void notOnceAResponseHasBegun() throws Exception {
    try (Tunnel tunnel = new Tunnel(THREE, Fate.HALF_ANSWERED)) {
      tunnel.fails(keyed(), Delivered.YES);
      assertEquals(1, tunnel.streams.get());
    }
  }

  /** The call is all of its attempts: that the last one did not arrive does not undo the first. */
  @Test
  void aCallOfWhichOneAttemptMayHaveArrivedMayHaveArrived() throws Exception {
    try (Tunnel tunnel = new Tunnel(THREE, Fate.BROKEN, Fate.REFUSED, Fate.REFUSED)) {
      TunnelException failure = tunnel.fails(keyed(), Delivered.UNKNOWN);
      assertEquals(ErrorCode.REFUSED, failure.code());
    }
  }

  @Test
  void aBodyThatCanBeSentOnceIsNotSentAgain() throws Exception {
    RequestBody once =
        new RequestBody() {
          @Override
          public MediaType contentType() {
            return null;
          }

          @Override
          public boolean isOneShot() {
            return true;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8("once");
          }
        };
    try (Tunnel tunnel = new Tunnel(THREE, Fate.REFUSED)) {
      tunnel.fails(Executions.post("/", "a").post(once).build(), Delivered.NO);
      assertEquals(1, tunnel.streams.get());
    }
  }

  @Test
  void cancelEndsTheWait() throws Exception {
    try (Tunnel tunnel = new Tunnel(PATIENT, Fate.REFUSED)) {
      Call call = tunnel.http.newCall(post());
      CompletableFuture<Response> answer = Setup.async(call::execute);
      Await.until("the wait between two attempts", RetryTest::somebodyWaits);
      call.cancel();
      Throwable failure = Setup.failure(answer);
      assertEquals("Canceled", failure.getMessage());
      assertInstanceOf(TunnelException.class, failure.getSuppressed()[0]);
      assertEquals(1, tunnel.streams.get());
    }
  }

  private static boolean somebodyWaits() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getState() == Thread.State.TIMED_WAITING)
        .flatMap(thread -> Stream.of(thread.getValue()))
        .anyMatch(frame -> frame.getMethodName().equals("awaitCancelled"));
  }

  @Test
  void theTimeLimitOfTheCallEndsTheWait() throws Exception {
    try (Tunnel tunnel = new Tunnel(PATIENT, Fate.REFUSED)) {
      Call call = tunnel.http.newCall(post());
      call.timeout().timeout(500, TimeUnit.MILLISECONDS);
      assertThrows(InterruptedIOException.class, call::execute);
      assertTrue(tunnel.streams.get() <= 1, "sent again");
    }
  }

  @Test
  void aServersCallsAreSentAgainByItsOwnPolicy() throws Exception {
    AtomicInteger streams = new AtomicInteger();
    try (ServletHost host = ServletHost.builder(service).build().start();
        TunnelServer server = Setup.server().retry(THREE).build().start();
        SocketConnection connection = Setup.client(server).build().connect()) {
      connection
          .streams()
          .streamHandler(
              stream -> {
                if (streams.getAndIncrement() == 0) {
                  stream.reset(ErrorCode.REFUSED);
                } else {
                  host.streams().onStream(stream);
                }
              });
      Await.until("connection", () -> !server.connections().isEmpty());
      OkHttpClient http = Setup.http(server.connections().iterator().next());
      try (Response response = http.newCall(post()).execute()) {
        assertEquals("done", response.body().string());
      }
      assertEquals(2, streams.get());
      assertEquals(1, service.of("a"));
    }
  }

  @Test
  void uselessPoliciesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> THREE.attempts(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RetryPolicy(2, Duration.ofSeconds(2), Duration.ofSeconds(1)));
  }
}
