package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Fault;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A WebSocket that breaks costs nothing but time. */
class ResumeTest {
  private final EventLog events = new EventLog();
  private final AtomicInteger executed = new AtomicInteger();

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  /** Counts, and answers with the count when it is let go. */
  private final class Counting extends HttpServlet {
    private static final long serialVersionUID = 1;
    final transient CountDownLatch arrived = new CountDownLatch(1);
    final transient CountDownLatch go = new CountDownLatch(1);

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      int bytes = request.getInputStream().readAllBytes().length;
      int count = executed.incrementAndGet();
      arrived.countDown();
      try {
        assertTrue(go.await(30, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      response.getWriter().print(count + " " + bytes);
    }
  }

  @Test
  void aRequestInFlightSurvivesACut() throws Exception {
    Counting counting = new Counting();
    try (TunnelServer server = Setup.server().build()) {
      server.onConnection(connection -> connection.serve(counting));
      server.start();
      try (FaultProxy proxy = new FaultProxy(server.address());
          SocketConnection connection =
              Setup.client(proxy.address())
                  .reconnect(Setup.eager())
                  .onEvent(events)
                  .build()
                  .connect()) {
        String id = connection.id();
        CompletableFuture<String> answer = Setup.async(() -> post(connection, 1_000_000));
        assertTrue(counting.arrived.await(30, TimeUnit.SECONDS));

        proxy.inject(Fault.RESET);

        events.next(ConnectionEvent.Type.RECEIVED);
        events.next(ConnectionEvent.Type.DETACHED);
        ConnectionEvent resumed = events.next(ConnectionEvent.Type.RESUMED);
        counting.go.countDown();
        assertEquals("1 1000000", answer.get(30, TimeUnit.SECONDS));
        assertEquals(1, executed.get());
        assertEquals(id, connection.id());
        assertEquals(id, resumed.connectionId());
        assertEquals(1, connection.linkStatistics().resumes());
      }
    }
  }

  @Test
  void aConnectionMovesToANewSocketOnRequest() throws Exception {
    Counting counting = new Counting();
    try (TunnelServer server = Setup.server().build()) {
      server.onConnection(connection -> connection.serve(counting));
      server.start();
      try (SocketConnection connection =
          Setup.client(server.address())
              .reconnect(Setup.eager())
              .onEvent(events)
              .build()
              .connect()) {
        CompletableFuture<String> answer = Setup.async(() -> post(connection, 10));
        assertTrue(counting.arrived.await(30, TimeUnit.SECONDS));
        events.next(ConnectionEvent.Type.RECEIVED);
        connection.migrate();
        events.next(ConnectionEvent.Type.RESUMED);
        counting.go.countDown();
        assertEquals("1 10", answer.get(30, TimeUnit.SECONDS));
      }
    }
  }

  @Test
  void aConnectionMovesWhenTheMachineLosesItsAddress() throws Exception {
    AtomicBoolean gone = new AtomicBoolean();
    try (TunnelServer server = Setup.server().build()) {
      server.start();
      try (SocketConnection connection =
          Setup.client(server.address())
              .onEvent(events)
              .ownAddress(address -> !gone.getAndSet(false))
              .build()
              .connect()) {
        String id = events.next(ConnectionEvent.Type.RECEIVED).connectionId();
        gone.set(true);
        assertEquals(id, events.next(ConnectionEvent.Type.RESUMED).connectionId());
        gone.set(true);
        assertEquals(id, events.next(ConnectionEvent.Type.RESUMED).connectionId());
        assertEquals(0, connection.linkStatistics().cuts());
      }
    }
  }

  @Test
  void aServerThatDrainsIsReplacedBeforeItEnds() throws Exception {
    Counting counting = new Counting();
    TunnelServer old = Setup.server().build();
    old.onConnection(connection -> connection.serve(counting));
    old.start();
    try (SocketConnection connection =
        Setup.client(old.address()).reconnect(Setup.eager()).onEvent(events).build().connect()) {
      CompletableFuture<String> answer = Setup.async(() -> post(connection, 10));
      assertTrue(counting.arrived.await(30, TimeUnit.SECONDS));
      String first = events.next(ConnectionEvent.Type.RECEIVED).connectionId();
      CompletableFuture<Boolean> stopped = Setup.async(() -> stop(old));
      try (TunnelServer next = startAt(old.address())) {
        String second = events.next(ConnectionEvent.Type.RECEIVED).connectionId();
        assertNotEquals(first, second);
        assertEquals("from the next", Setup.get(connection));
        assertFalse(stopped.isDone());
        counting.go.countDown();
        assertEquals("1 10", answer.get(30, TimeUnit.SECONDS));
        stopped.get(30, TimeUnit.SECONDS);
        assertEquals(first, events.next(ConnectionEvent.Type.CLOSED).connectionId());
        assertEquals(second, connection.id());
        assertEquals("from the next", Setup.get(connection));
        assertEquals(1, next.connections().size());
      }
    }
  }

  private static boolean stop(TunnelServer server) {
    server.close();
    return true;
  }

  /** The server before is about to stop listening. */
  private static TunnelServer startAt(InetSocketAddress address) {
    AtomicReference<TunnelServer> started = new AtomicReference<>();
    Await.until(
        "the port is free",
        () -> {
          TunnelServer server = TunnelServer.builder().address(address).build();
          server.onConnection(connection -> connection.serve(TestServlet.saying("from the next")));
          try {
            started.set(server.start());
            return true;
          } catch (IOException e) {
            return false;
          }
        });
    return started.get();
  }

  private static String post(SocketConnection connection, int bytes) {
    OkHttpClient http = new OkHttpClient.Builder().addInterceptor(connection).build();
    Request request =
        new Request.Builder().url("http://x/").post(RequestBody.create(new byte[bytes])).build();
    try (Response response = http.newCall(request).execute()) {
      return response.body().string();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
