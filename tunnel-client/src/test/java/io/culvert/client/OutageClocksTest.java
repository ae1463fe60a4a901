package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.server.TunnelServer;
import io.culvert.servlet.ServletHost;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Fault;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which clocks stand still while a connection has no WebSocket, and which go on. */
class OutageClocksTest {
  /** Long enough for an exchange on a machine that is busy. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final Duration LONGER = Duration.ofSeconds(3);

  private static final Duration SHORT = Duration.ofMillis(200);

  private static final int UPLOAD = 1_000_000;

  private EventLog events = new EventLog();
  private final PatientServlet servlet = new PatientServlet();
  private TunnelServer server;
  private FaultProxy proxy;
  private SocketConnection connection;

  @BeforeEach
  void connect() throws Exception {
    server = Setup.server().build();
    server.onConnection(accepted -> accepted.serve(servlet));
    server.start();
    proxy = new FaultProxy(server.address());
    connection = dial(Duration.ofSeconds(60));
  }

  private SocketConnection dial(Duration resumeTimeout) throws IOException, InterruptedException {
    SocketConnection dialed =
        Setup.client(proxy.address())
            .reconnect(Setup.eager())
            .resumeTimeout(resumeTimeout)
            .onEvent(events)
            .build()
            .connect();
    events.next(ConnectionEvent.Type.RECEIVED);
    return dialed;
  }

  @AfterEach
  void close() {
    servlet.go.release(100);
    connection.abort();
    proxy.close();
    server.stop(Duration.ZERO); // it would wait for the one that has aborted to come back
    Await.noThreads("culvert-");
  }

  // Reading.

  @Test
  void aReadThatWaitsWhenTheWebSocketBreaksDoesNotTimeOut() throws Exception {
    OkHttpClient patient = Setup.http(connection);
    assertEquals("0", get(patient, "/"));
    OkHttpClient http = patient.newBuilder().readTimeout(TIMEOUT).build();
    CompletableFuture<String> answer = Setup.async(() -> get(http, "/wait"));
    servlet.entered.acquire();
    breakDown();
    awaitOutage(LONGER);
    assertFalse(answer.isDone());
    servlet.go.release();
    repair();
    assertEquals("0", Setup.result(answer));
  }

  @Test
  void aReadThatBeginsDuringTheOutageDoesNotTimeOut() throws Exception {
    Sent sent = new Sent();
    OkHttpClient patient = Setup.http(connection);
    OkHttpClient http =
        patient.newBuilder().readTimeout(TIMEOUT).eventListenerFactory(call -> sent).build();
    assertEquals("0", get(patient, "/"));
    breakDown();
    CompletableFuture<String> answer = Setup.async(() -> get(http, "/"));
    sent.await();
    awaitOutage(LONGER);
    assertFalse(answer.isDone());
    repair();
    assertEquals("0", Setup.result(answer));
  }

  @Test
  void aServerThatDoesNotAnswerRunsIntoTheReadTimeoutAndNoOtherCallIsHarmed() throws Exception {
    OkHttpClient http = Setup.http(connection);
    OkHttpClient impatient = http.newBuilder().readTimeout(SHORT).build();
    CompletableFuture<String> other = Setup.async(() -> get(http, "/wait"));
    servlet.entered.acquire();
    Throwable failure = Setup.failure(Setup.async(() -> get(impatient, "/wait")));
    assertInstanceOf(SocketTimeoutException.class, failure);
    assertTrue(failure.getMessage().startsWith("timeout"), failure.getMessage());
    servlet.go.release(2);
    assertEquals("0", Setup.result(other));
    // Its socket is not in the pool: the late answer would be taken for that of the next call.
    assertEquals("0", get(http, "/"));
  }

  @Test
  void eachCallOnASocketHasItsOwnReadTimeout() throws Exception {
    OkHttpClient http = Setup.http(connection);
    OkHttpClient impatient = http.newBuilder().readTimeout(SHORT).build();
    assertEquals("0", get(http, "/"));
    Throwable failure = Setup.failure(Setup.async(() -> get(impatient, "/wait")));
    assertInstanceOf(SocketTimeoutException.class, failure);
  }

  @Test
  void aReadTimeoutGoesOnAfterTheOutage() throws Exception {
    Sent sent = new Sent();
    OkHttpClient patient = Setup.http(connection);
    OkHttpClient http =
        patient.newBuilder().readTimeout(SHORT).eventListenerFactory(call -> sent).build();
    assertEquals("0", get(patient, "/"));
    breakDown();
    CompletableFuture<String> answer = Setup.async(() -> get(http, "/wait"));
    sent.await();
    awaitOutage(SHORT.multipliedBy(2));
    assertFalse(answer.isDone());
    repair();
    assertInstanceOf(SocketTimeoutException.class, Setup.failure(answer));
  }

  @Test
  void withoutAWebSocketWithinTheResumeTimeEveryCallFails() throws Exception {
    connection.abort();
    events = new EventLog();
    connection = dial(SHORT);
    OkHttpClient http = Setup.http(connection);
    CompletableFuture<String> answer = Setup.async(() -> get(http, "/wait"));
    servlet.entered.acquire();
    breakDown();
    TunnelException lost = Setup.lost(answer, Delivered.UNKNOWN);
    assertEquals(ErrorCode.CONNECTION_LOST, lost.code());
  }

  // Writing.

  @Test
  void aWriteDoesNotTimeOutDuringTheOutage() throws Exception {
    Sent sent = new Sent();
    OkHttpClient patient = Setup.http(connection);
    OkHttpClient http =
        patient.newBuilder().writeTimeout(TIMEOUT).eventListenerFactory(call -> sent).build();
    assertEquals("0", get(patient, "/"));
    breakDown();
    CompletableFuture<String> answer = Setup.async(() -> post(http, "/"));
    sent.await();
    awaitOutage(LONGER);
    assertFalse(answer.isDone());
    repair();
    assertEquals("" + UPLOAD, Setup.result(answer));
  }

  @Test
  void aServerThatDoesNotReadRunsIntoTheWriteTimeout() throws Exception {
    // No read timeout: it would hide a call that waits for an answer to half a request.
    OkHttpClient http =
        Setup.http(connection).newBuilder().writeTimeout(SHORT).readTimeout(Duration.ZERO).build();
    Throwable failure = Setup.failure(Setup.async(() -> post(http, "/wait")));
    assertInstanceOf(SocketTimeoutException.class, failure);
    assertTrue(failure.getMessage().startsWith("timeout"), failure.getMessage());
    assertEquals("0", get(http, "/"));
  }

  // The whole call, and new ones.

  @Test
  void theCallTimeoutGoesOnDuringTheOutage() throws Exception {
    OkHttpClient http = Setup.http(connection);
    assertEquals("0", get(http, "/"));
    breakDown();
    OkHttpClient hasty = http.newBuilder().callTimeout(SHORT).build();
    Throwable failure = Setup.failure(Setup.async(() -> get(hasty, "/")));
    assertEquals(InterruptedIOException.class, failure.getClass());
    assertEquals("timeout", failure.getMessage());
    assertTrue(connection.detached());
    repair();
    assertEquals("0", get(http, "/"));
  }

  @Test
  void aNewCallWaitsForTheLinkUpToItsConnectTimeout() throws Exception {
    breakDown();
    OkHttpClient patient = Setup.http(connection);
    CompletableFuture<String> answer = Setup.async(() -> get(patient, "/"));
    OkHttpClient hasty = patient.newBuilder().connectTimeout(SHORT).build();
    TunnelException lost = Setup.lost(Setup.async(() -> get(hasty, "/")), Delivered.NO);
    assertEquals(ErrorCode.CONNECTION_LOST, lost.code());
    assertTrue(connection.detached());
    assertFalse(answer.isDone());
    repair();
    assertEquals("0", Setup.result(answer));
  }

  // Serving.

  @Test
  void anIdleStreamOfAServletEndsAfterTheOutageAndNotDuringIt() throws Exception {
    ServletHost host = ServletHost.builder(servlet).idleTimeout(TIMEOUT).build().start();
    try {
      server.onConnection(accepted -> accepted.streams().streamHandler(host.streams()));
      connection.abort();
      events = new EventLog();
      connection = dial(Duration.ofSeconds(60));
      TunnelStream idle = connection.streams().open(Map.of("scheme", "http"), TIMEOUT);
      idle.outputStream().write('G');
      Await.until("the stream is served", () -> served(host) == 1);
      breakDown();
      awaitOutage(LONGER);
      assertEquals(1, served(host));
      repair();
      Await.until("the stream has ended", () -> served(host) == 0);
      idle.close();
    } finally {
      host.close();
    }
  }

  private static int served(ServletHost host) {
    return host.connector().getConnectedEndPoints().size();
  }

  // The network.

  private void breakDown() throws InterruptedException {
    proxy.injectIntoNew(Fault.CUT);
    proxy.inject(Fault.RESET);
    events.next(ConnectionEvent.Type.DETACHED);
  }

  private void repair() throws InterruptedException {
    proxy.injectIntoNew(Fault.NONE);
    events.next(ConnectionEvent.Type.RESUMED);
  }

  /** Waits until the outage has gone on for so long. */
  private void awaitOutage(Duration duration) {
    long before = connection.streams().outageNanos();
    Await.until(
        "the outage has lasted for " + duration,
        () -> connection.streams().outageNanos() - before >= duration.toNanos());
  }

  private static String get(OkHttpClient http, String path) throws IOException {
    return send(http, new Request.Builder().url("http://x" + path).build());
  }

  private static String post(OkHttpClient http, String path) throws IOException {
    return send(
        http,
        new Request.Builder()
            .url("http://x" + path)
            .post(RequestBody.create(new byte[UPLOAD]))
            .build());
  }

  private static String send(OkHttpClient http, Request request) throws IOException {
    try (Response response = http.newCall(request).execute()) {
      return response.body().string();
    }
  }

  /** Tells when the head of a request is written. */
  private static final class Sent extends EventListener {
    private final CountDownLatch written = new CountDownLatch(1);

    @Override
    public void requestHeadersEnd(Call call, Request request) {
      written.countDown();
    }

    void await() throws InterruptedException {
      Setup.await(written);
    }
  }

  /** Answers with the length of the body; under /wait it does nothing before it is let go. */
  private static final class PatientServlet extends HttpServlet {
    private static final long serialVersionUID = 1;
    final transient Semaphore entered = new Semaphore(0);
    final transient Semaphore go = new Semaphore(0);

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      if (request.getRequestURI().equals("/wait")) {
        entered.release();
        go.acquireUninterruptibly();
      }
      response.getWriter().print(request.getInputStream().readAllBytes().length);
    }
  }
}
