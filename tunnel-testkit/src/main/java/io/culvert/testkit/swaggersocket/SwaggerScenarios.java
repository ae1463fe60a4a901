package io.culvert.testkit.swaggersocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.testkit.RecordingListener;
import io.culvert.testkit.swaggersocket.SwaggerSide.Accepting;
import io.culvert.testkit.swaggersocket.SwaggerSide.Connected;
import io.culvert.testkit.swaggersocket.SwaggerSide.Dialing;
import java.io.IOException;
import java.io.InputStream;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The twelve scenarios of swaggersocket's own integration tests: six, each with the API served by
 * the dialing side (its client tests) and by the accepting side (its server tests). Where they
 * sleep or poll for seconds, these wait for the event.
 */
@Timeout(120) // a hang guard
public abstract class SwaggerScenarios {

  /** Which side serves; the other one calls. */
  public enum Api {
    SERVED_BY_THE_DIALER,
    SERVED_BY_THE_ACCEPTOR
  }

  private static final int CHUNKS = 10;

  private Accepting accepting;
  private Dialing dialing;
  private FaultProxy network;
  private Connected dialed;
  private Connected accepted;
  private Connected caller;
  private OkHttpClient http;

  /** A side that listens, on loopback and a free port; the suite closes it. */
  protected abstract Accepting accepting() throws Exception;

  /** A side that dials; the suite closes it. */
  protected abstract Dialing dialing() throws Exception;

  @BeforeEach
  final void open() throws Exception {
    accepting = accepting();
    dialing = dialing();
    network = new FaultProxy(accepting.address());
  }

  @AfterEach
  final void close() throws Exception {
    dialing.close();
    accepting.close();
    network.close();
  }

  private void connect(Api api, SwaggerService service) throws Exception {
    dialed = dialing.dial(network.address());
    accepted = accepting.next();
    assertEquals(accepted.id(), dialed.id());
    assertTrue(accepting.knows(dialed.id()));
    boolean dialerServes = api == Api.SERVED_BY_THE_DIALER;
    caller = dialerServes ? accepted : dialed;
    (dialerServes ? dialed : accepted).serve(service);
    http = client(caller);
  }

  private static OkHttpClient client(Connected connected) {
    return new OkHttpClient.Builder()
        .addInterceptor(connected.interceptor())
        .connectTimeout(RecordingListener.HANG_GUARD)
        .readTimeout(RecordingListener.HANG_GUARD)
        .build();
  }

  /** A GET whose response must be 200 and have the correlation id of the request. */
  private Response get(String path) throws IOException {
    String correlation = UUID.randomUUID().toString();
    Request request =
        new Request.Builder()
            .url("http://localhost:9090" + path)
            .header(GoRequest.CORRELATION_ID, correlation)
            .build();
    Response response = http.newCall(request).execute();
    assertEquals(200, response.code());
    assertEquals(correlation, response.header(GoRequest.CORRELATION_ID));
    return response;
  }

  private void assertSimple() throws IOException {
    try (Response response = get("/simple/")) {
      assertEquals("Hello, Dolores!", response.body().string());
    }
  }

  private void closeAndBeForgotten() throws IOException {
    String id = accepted.id();
    caller.close();
    awaitForgotten(id);
  }

  private void awaitForgotten(String id) {
    Await.until("the acceptor has forgotten the connection", () -> !accepting.knows(id));
  }

  /** Writes chunks, each when it may, and says how that ended. */
  private static final class Chunks implements SwaggerService {
    private final Semaphore mayWrite = new Semaphore(0);
    private final BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();
    private final int count;

    Chunks(int count) {
      this.count = count;
    }

    @Override
    public void serve(Exchange exchange) throws IOException, InterruptedException {
      try {
        for (int i = 1; i <= count; i++) {
          mayWrite.acquire();
          exchange.write(chunk(i));
          exchange.flush();
        }
        outcomes.add("completed");
      } catch (IOException e) {
        outcomes.add("notified");
        throw e;
      }
    }

    String outcome() throws InterruptedException {
      return outcomes.poll(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static String chunk(int number) {
    return "Chunk #" + number + "\n";
  }

  /** One read must give exactly the chunk. */
  private static void assertNextRead(String expected, InputStream body) throws IOException {
    byte[] buffer = new byte[4096];
    int count = body.read(buffer);
    assertEquals(expected, WireText.of(buffer).substring(0, Math.max(0, count)));
  }

  // The scenarios.

  @ParameterizedTest
  @EnumSource(Api.class)
  void fourCallsInARowAreAnsweredAndAClosedConnectionIsForgotten(Api api) throws Exception {
    connect(api, exchange -> exchange.write("Hello, Dolores!"));
    for (int i = 0; i < 4; i++) {
      assertSimple();
    }
    closeAndBeForgotten();
  }

  @ParameterizedTest
  @EnumSource(Api.class)
  void chunksThatWereFlushedAtOnceAreReadOneByOne(Api api) throws Exception {
    Chunks chunks = new Chunks(CHUNKS);
    connect(api, chunks);
    for (int call = 0; call < 2; call++) {
      chunks.mayWrite.release(CHUNKS);
      try (Response response = get("/chunked/")) {
        // All of it is on its way before the first read, or some: the reads are the same.
        InputStream body = response.body().byteStream();
        for (int i = 1; i <= CHUNKS; i++) {
          assertNextRead(chunk(i), body);
        }
        assertEquals(-1, body.read());
      }
    }
    closeAndBeForgotten();
  }

  @ParameterizedTest
  @EnumSource(Api.class)
  void aChunkArrivesBeforeTheNextIsWrittenAndNobodyIsToldOfAnEnd(Api api) throws Exception {
    Chunks chunks = new Chunks(CHUNKS);
    connect(api, chunks);
    for (int call = 0; call < 2; call++) {
      chunks.mayWrite.release();
      try (Response response = get("/closenotifiedchunked/")) {
        InputStream body = response.body().byteStream();
        for (int i = 1; i <= CHUNKS; i++) {
          assertNextRead(chunk(i), body);
          if (i < CHUNKS) {
            chunks.mayWrite.release();
          }
        }
        assertEquals(-1, body.read());
      }
      assertEquals("completed", chunks.outcome());
    }
    closeAndBeForgotten();
  }

  static Stream<Arguments> breaks() {
    return Stream.of(Api.values())
        .flatMap(api -> Stream.of(Fault.CUT, Fault.RESET).map(cut -> Arguments.of(api, cut)));
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void aCutAfterThreeChunksReachesTheHandlerAndTheCaller(Api api, Fault cut) throws Exception {
    Chunks endless = new Chunks(Integer.MAX_VALUE);
    connect(api, endless);
    endless.mayWrite.release(3);
    try (Response response = get("/closenotifiedchunked/")) {
      InputStream body = response.body().byteStream();
      for (int i = 1; i <= 3; i++) {
        assertNextRead(chunk(i), body);
      }
      network.inject(cut);
      endless.mayWrite.release(1_000_000_000);
      assertEquals("notified", endless.outcome());
      assertThrows(IOException.class, body::readAllBytes);
    }
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void theAcceptorForgetsAConnectionThatWasCut(Api api, Fault cut) throws Exception {
    connect(api, exchange -> exchange.write("Hello, Dolores!"));
    assertSimple();
    String id = dialed.id();
    network.inject(cut);
    awaitForgotten(id);
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void theDialerDialsAgainAndServesOn(Api api, Fault cut) throws Exception {
    SwaggerService simple = exchange -> exchange.write("Hello, Dolores!");
    connect(api, simple);
    assertSimple();
    String before = dialed.id();
    network.inject(cut);

    Connected again = accepting.next();
    assertNotEquals(before, again.id());
    Await.until("the dialer has the new id", () -> dialed.id().equals(again.id()));
    if (api == Api.SERVED_BY_THE_ACCEPTOR) {
      again.serve(simple);
    } else {
      http = client(again);
    }
    assertSimple();
    awaitForgotten(before);
    assertTrue(accepting.knows(again.id()));
  }
}
