package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.LinkStatistics;
import io.culvert.server.Authorizer;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.RecordingListener;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeRequest;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import io.culvert.websocket.okhttp.OkHttpDialer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many clients lose their WebSockets at the same instant, each in the middle of an answer, and come
 * back by themselves.
 */
@Tag("herd") // it has a larger heap than the others
@Timeout(120)
class HerdTest {
  private static final int CLIENTS = 1000;

  private final AtomicReference<RestartableAcceptor> listener = new AtomicReference<>();
  private final Map<Integer, Integer> executed = new ConcurrentHashMap<>();
  private final Map<Integer, AsyncContext> unanswered = new ConcurrentHashMap<>();
  private final List<Member> herd = new ArrayList<>();
  private final WebSocketDialer dialer = new OkHttpDialer();

  /** Its settings are shared: trusting the system's authorities takes memory. */
  private final OkHttpClient http =
      new OkHttpClient.Builder().readTimeout(RecordingListener.HANG_GUARD).build();

  @AfterEach
  void nothingIsLeft() {
    herd.forEach(member -> member.connection.abort());
    Await.noThreads("culvert-");
  }

  /** A client with one request under way. */
  private final class Member implements WebSocketDialer {
    final int number;
    final AtomicInteger failedDials = new AtomicInteger();
    final Map<ConnectionEvent.Type, Integer> events = new ConcurrentHashMap<>();
    final SocketConnection connection;
    final String id;
    final Response response;

    Member(int number, TunnelServer server) throws IOException {
      this.number = number;
      connection =
          Setup.client(server)
              .webSocket(this)
              .onEvent(event -> events.merge(event.type(), 1, Integer::sum))
              .build()
              .connect();
      id = connection.id();
      response =
          http.newBuilder()
              .addInterceptor(connection)
              .build()
              .newCall(new Request.Builder().url("http://service/" + number).build())
              .execute();
    }

    @Override
    public WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException {
      try {
        return dialer.dial(request, listener);
      } catch (IOException e) {
        failedDials.incrementAndGet();
        throw e;
      }
    }

    boolean resumed() {
      return events.containsKey(ConnectionEvent.Type.RESUMED);
    }

    /** The same connection, which has lost nothing. */
    void check() throws IOException {
      assertEquals("began " + number + ", ended " + number, response.body().string());
      assertEquals(1, executed.get(number));
      assertEquals(id, connection.id());
      assertTrue(connection.linkStatistics().resumes() > 0);
      assertTrue(
          events.keySet().stream().noneMatch(HerdTest::isEnd), () -> number + " had " + events);
    }
  }

  private static boolean isEnd(ConnectionEvent.Type type) {
    return type == ConnectionEvent.Type.CLOSED || type == ConnectionEvent.Type.FAILED;
  }

  @Test
  void allComeBackAfterTheListenerWasGone() throws Exception {
    try (TunnelServer server = serve(request -> Optional.empty())) {
      gather(server);
      listener.get().cut();
      await("has lost its WebSocket", member -> at(server, member).detached());
      await("was refused", member -> member.failedDials.get() > 0);
      answer(CLIENTS / 2);
      listener.get().listenAgain();
      await("is back", Member::resumed);
      answer(CLIENTS);
      checkAll(server);
    }
  }

  @Test
  void allComeBackWhenEveryOtherIsToldToComeLater() throws Exception {
    Overload overload = new Overload();
    try (TunnelServer server = serve(overload)) {
      gather(server);
      overload.refuses.set(CLIENTS);
      listener.get().cut();
      answer(CLIENTS / 2);
      listener.get().listenAgain();
      await("is back", Member::resumed);
      answer(CLIENTS);
      checkAll(server);
      assertTrue(overload.refuses.get() <= 0);
    }
  }

  /** Says 503 to half of those who come while it lasts. */
  private static final class Overload implements Authorizer {
    /** How many will come before it is over. */
    final AtomicInteger refuses = new AtomicInteger();

    @Override
    public Optional<Upgrade.Refuse> authorize(UpgradeRequest request) {
      int left = refuses.getAndDecrement();
      return left > 0 && left % 2 == 0
          ? Optional.of(new Upgrade.Refuse(503, "too busy"))
          : Optional.empty();
    }
  }

  /** No two come at the same moment: each slice of the time gets its share. */
  @Test
  void firstDialsAreSpreadOverTheFirstBoundAndSecondOnesOverTheNext() {
    Map<Long, Integer> first = new TreeMap<>();
    Map<Long, Integer> second = new TreeMap<>();
    for (int seed = 0; seed < CLIENTS; seed++) {
      Backoff backoff = new Backoff(ReconnectPolicy.DEFAULT, new Random(seed));
      backoff.connected(0);
      long delay = backoff.next(0).orElseThrow().toNanos();
      long then = backoff.next(delay).orElseThrow().toNanos();
      first.merge(delay / 10_000_000, 1, Integer::sum);
      second.merge(then / 20_000_000, 1, Integer::sum);
    }
    for (Map<Long, Integer> slices : List.of(first, second)) {
      assertEquals(25, slices.size(), slices::toString);
      assertTrue(Collections.min(slices.values()) > CLIENTS / 50, slices::toString);
      assertTrue(Collections.max(slices.values()) < CLIENTS / 12, slices::toString);
    }
  }

  private TunnelServer serve(Authorizer authorizer) throws IOException {
    TunnelServer server =
        Setup.server()
            .webSocket(
                request -> {
                  listener.set(new RestartableAcceptor(request));
                  return listener.get();
                })
            .authorizer(authorizer)
            // A socket that is gone must not take the place of the one that comes after it.
            .maxConnections(CLIENTS)
            .build();
    TestServlet service = new TestServlet(this::begin);
    server.onConnection(connection -> connection.serve(service));
    return server.start();
  }

  /** Counts, begins to answer, and holds no thread while it waits. */
  private void begin(HttpServletRequest request, HttpServletResponse response) throws IOException {
    int number = Integer.parseInt(request.getRequestURI().substring(1));
    executed.merge(number, 1, Integer::sum);
    AsyncContext context = request.startAsync();
    context.setTimeout(0);
    response.getOutputStream().print("began " + number);
    response.flushBuffer();
    unanswered.put(number, context);
  }

  private void gather(TunnelServer server) throws IOException {
    for (int i = 0; i < CLIENTS; i++) {
      herd.add(new Member(i, server));
    }
    Await.until("all are served", () -> unanswered.size() == CLIENTS);
  }

  /** Ends the answers to the members below this number. */
  private void answer(int below) throws IOException {
    for (int number = 0; number < below; number++) {
      AsyncContext context = unanswered.remove(number);
      if (context != null) {
        context.getResponse().getOutputStream().print(", ended " + number);
        context.complete();
      }
    }
  }

  private void await(String what, Predicate<Member> condition) {
    for (Member member : herd) {
      Await.until("client " + member.number + " " + what, () -> condition.test(member));
    }
  }

  private static SocketConnection at(TunnelServer server, Member member) {
    return server.connection(member.id).orElseThrow();
  }

  private void checkAll(TunnelServer server) throws IOException {
    for (Member member : herd) {
      member.check();
    }
    LinkStatistics links = server.linkStatistics();
    assertTrue(links.resumes() >= CLIENTS, links::toString);
    assertEquals(0, links.expired());
    assertEquals(
        herd.stream().map(member -> member.id).collect(Collectors.toSet()),
        server.connections().stream().map(SocketConnection::id).collect(Collectors.toSet()));
    herd.forEach(member -> member.connection.close());
  }
}
