package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.okhttp.RetryPolicy;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Fault;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many calls whose connection breaks at any moment, from before they are sent to the middle of
 * their answers: every failure says what became of its request, and no failure lies.
 */
@Timeout(120)
class DeliveryTruthTest {
  private static final int CALLERS = 6;
  private static final int CALLS = 50;
  private static final long SEED = 4;

  private final Map<String, AtomicInteger> executed = new ConcurrentHashMap<>();

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  private enum Setting {
    ENDS_WITH_ITS_SOCKET,
    RESUMES,
    ENDS_AND_REPEATS;

    Duration resume() {
      return this == RESUMES ? Duration.ofSeconds(60) : Duration.ZERO;
    }

    RetryPolicy retry() {
      return this == ENDS_AND_REPEATS
          ? new RetryPolicy(4, Duration.ofMillis(2), Duration.ofMillis(10))
          : RetryPolicy.OFF;
    }
  }

  /** One client, two servers that take turns at one address, and a proxy that breaks sockets. */
  private final class Arena implements AutoCloseable {
    final List<TunnelServer> servers = new ArrayList<>();
    final FaultProxy proxy;
    final SocketConnection connection;

    Arena(Setting setting) throws Exception {
      for (int i = 0; i < 2; i++) {
        TunnelServer server = Setup.server().build();
        server.onConnection(peer -> peer.serve(new TestServlet(this::serve)));
        servers.add(server.start());
      }
      proxy = new FaultProxy(servers.get(0).address());
      connection =
          Setup.client(proxy.address())
              .resumeTimeout(setting.resume())
              .retry(setting.retry())
              .reconnect(Setup.eager())
              .build()
              .connect();
    }

    /** Breaks the connection before, while and after the request is read and answered. */
    void serve(HttpServletRequest request, HttpServletResponse response) throws IOException {
      String id = request.getHeader("X-Id");
      executed.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
      Random random = new Random(SEED * 31 + id.hashCode());
      mayBreak(random);
      int bytes = request.getInputStream().readAllBytes().length;
      mayBreak(random);
      response.getOutputStream().print("got ");
      if (random.nextBoolean()) {
        response.flushBuffer();
        mayBreak(random);
      }
      response.getOutputStream().print(bytes);
      response.getOutputStream().write(new byte[random.nextInt(100_000)]);
    }

    void mayBreak(Random random) {
      switch (random.nextInt(60)) {
        case 0, 1 -> proxy.inject(Fault.RESET);
        case 2 -> proxy.inject(Fault.CUT);
        case 3 -> servers.forEach(s -> s.connections().forEach(SocketConnection::abort));
        case 4 -> {
          proxy.target(servers.get(random.nextInt(2)).address());
          proxy.inject(Fault.RESET);
        }
        default -> {}
      }
    }

    @Override
    public void close() {
      connection.abort();
      proxy.close();
      servers.forEach(server -> server.stop(Duration.ZERO));
    }
  }

  @ParameterizedTest
  @EnumSource
  void noFailureLies(Setting setting) throws Exception {
    Map<String, TunnelException> failed = new ConcurrentHashMap<>();
    ConcurrentLinkedQueue<Throwable> unexplained = new ConcurrentLinkedQueue<>();
    AtomicInteger answered = new AtomicInteger();
    try (Arena arena = new Arena(setting)) {
      List<CompletableFuture<Object>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int caller = i;
        callers.add(
            Setup.async(
                () -> {
                  Random random = new Random(SEED + caller);
                  OkHttpClient http = client(arena.connection, caller);
                  for (int n = 0; n < CALLS; n++) {
                    String id = caller + "-" + n;
                    try {
                      call(arena, http, id, random);
                      answered.incrementAndGet();
                    } catch (TunnelException e) {
                      failed.put(id, e);
                    } catch (IOException e) {
                      unexplained.add(e);
                    }
                  }
                  return null;
                }));
      }
      for (CompletableFuture<Object> caller : callers) {
        Setup.result(caller);
      }
    }
    for (Throwable failure : unexplained) {
      throw new AssertionError("a failure that does not say what became of the call", failure);
    }
    Map<Delivered, Integer> kinds = new EnumMap<>(Delivered.class);
    failed.forEach(
        (id, failure) -> {
          kinds.merge(failure.delivered(), 1, Integer::sum);
          int count = executed.getOrDefault(id, new AtomicInteger()).get();
          String what = id + " " + failure.getMessage();
          assertTrue(count <= 1, what + " was carried out " + count + " times");
          if (failure.delivered() != Delivered.UNKNOWN) {
            assertEquals(failure.delivered() == Delivered.YES ? 1 : 0, count, what);
          }
        });
    executed.forEach((id, count) -> assertEquals(1, count.get(), id));
    assertEquals(CALLERS * CALLS, answered.get() + failed.size());
    assertTrue(kinds.getOrDefault(Delivered.UNKNOWN, 0) > 0, "nothing was broken: " + kinds);
    assertTrue(answered.get() > 0, "nothing was answered");
  }

  private static OkHttpClient client(SocketConnection connection, int caller) {
    OkHttpClient http = Setup.http(connection);
    return caller % 3 == 2
        ? http.newBuilder().protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)).build()
        : http;
  }

  private static void call(Arena arena, OkHttpClient http, String id, Random random)
      throws IOException {
    arena.mayBreak(random);
    Request request =
        new Request.Builder()
            .url("http://service/")
            .header("X-Id", id)
            .post(RequestBody.create(new byte[random.nextInt(200_000)]))
            .build();
    try (Response response = http.newCall(request).execute()) {
      arena.mayBreak(random);
      long unused = response.body().bytes().length;
    }
  }
}
