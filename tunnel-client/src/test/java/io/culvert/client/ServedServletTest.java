package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelStream;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a servlet is initialised and destroyed. */
@Timeout(60)
class ServedServletTest {
  private final Queue<String> life = new ConcurrentLinkedQueue<>();
  private final CountDownLatch destroying = new CountDownLatch(1);
  private final CountDownLatch mayDestroy = new CountDownLatch(1);

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  @Test
  void aServletIsSharedByConnectionsAndDestroyedAfterTheLast() throws Exception {
    mayDestroy.countDown();
    Recorded servlet = new Recorded();
    try (TunnelServer server = Setup.server().build()) {
      server.onConnection(connection -> connection.serve(servlet));
      server.start();
      SocketConnection first = Setup.client(server).build().connect();
      try (SocketConnection second = Setup.client(server).build().connect()) {
        Setup.get(first);
        Setup.get(second);
        first.close();
        Setup.get(second);
        assertEquals(List.of("init"), List.copyOf(life));
      }
      Await.until("it is destroyed", () -> life.contains("destroyed"));
    }
    assertEquals(List.of("init", "destroyed"), List.copyOf(life));
  }

  @Test
  void whatReplacesAServletAnswersTheNextCallAlsoOnAPooledStream() throws Exception {
    TestServlet before = TestServlet.saying("before");
    try (TunnelServer server = Setup.server().build()) {
      server.onConnection(connection -> connection.serve(before));
      server.start();
      try (SocketConnection other = Setup.client(server).build().connect();
          SocketConnection dialed = Setup.client(server).build().connect()) {
        OkHttpClient http = Setup.http(dialed);
        assertEquals("before", Setup.get(http));
        assertEquals(1, dialed.activeStreams(), "pooled");

        server.connection(dialed.id()).orElseThrow().serve(TestServlet.saying("after"));

        assertEquals("after", answerOnAnotherStream(http));
        assertEquals("before", Setup.get(other));
      }
    }
  }

  @Test
  void aRequestThatRunsWhileItsServletIsReplacedIsAnswered() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    try (TunnelServer server = Setup.server().build()) {
      TestServlet before = TestServlet.gate(entered, mayAnswer, "before");
      server.onConnection(connection -> connection.serve(before));
      server.start();
      try (SocketConnection other = Setup.client(server).build().connect();
          SocketConnection dialed = Setup.client(server).build().connect()) {
        OkHttpClient http = Setup.http(dialed);
        CompletableFuture<String> running = Setup.async(() -> Setup.get(http));
        Setup.await(entered);

        server.connection(dialed.id()).orElseThrow().serve(TestServlet.saying("after"));
        mayAnswer.countDown();

        assertEquals("before", Setup.result(running));
        Await.until("its stream ends", () -> answerOnAnotherStream(http).equals("after"));
        assertTrue(other.isOpen());
      }
    }
  }

  /** A call may still meet the pooled stream that has just ended; it may not be answered on it. */
  private static String answerOnAnotherStream(OkHttpClient http) {
    while (true) {
      try {
        return Setup.get(http);
      } catch (IOException e) {
        // OkHttp drops the stream now.
      }
    }
  }

  @Test
  void aServletThatIsServedAgainStartsAfterItWasDestroyed() throws Exception {
    Recorded servlet = new Recorded();
    try (TunnelServer server = Setup.server().build().start();
        SocketConnection connection = Setup.client(server).build().connect()) {
      connection.serve(servlet);
      connection.stopServing();
      Setup.await(destroying);
      CompletableFuture<Void> again =
          Setup.async(
              () -> {
                connection.serve(servlet);
                return null;
              });
      assertFalse(again.isDone());
      assertEquals(List.of("init"), List.copyOf(life));
      mayDestroy.countDown();
      Setup.result(again);
      assertEquals(List.of("init", "destroyed", "init"), List.copyOf(life));
    }
  }

  @Test
  void aServletMayStopBeingServedAndIsDestroyedOnlyWhenItHasReturned() throws Exception {
    mayDestroy.countDown();
    AtomicReference<SocketConnection> own = new AtomicReference<>();
    Recorded stops =
        new Recorded() {
          private static final long serialVersionUID = 1L;

          @Override
          protected void service(HttpServletRequest request, HttpServletResponse response)
              throws IOException {
            own.get().stopServing();
            life.add("returned");
            super.service(request, response);
          }
        };
    try (TunnelServer server = Setup.server().build().start()) {
      own.set(Setup.client(server).build().connect());
      own.get().serve(stops);
      Await.until("the server has it", () -> server.connections().size() == 1);
      SocketConnection back = server.connections().iterator().next();
      assertEquals("served", Setup.get(back));
      own.get().close();
      Await.until("it is destroyed", () -> life.contains("destroyed"));
      assertEquals(List.of("init", "returned", "destroyed"), List.copyOf(life));
    }
  }

  @Test
  void newStreamsGetWhatIsServedNow() throws Exception {
    try (TunnelServer server = Setup.server().build().start();
        SocketConnection connection = Setup.client(server).build().connect()) {
      Await.until("the server has it", () -> server.connections().size() == 1);
      SocketConnection back = server.connections().iterator().next();
      connection.serve(TestServlet.saying("one"));
      assertTrue(answerOnANewStream(back).endsWith("one"));
      connection.serve(TestServlet.saying("two"));
      assertTrue(answerOnANewStream(back).endsWith("two"));
      connection.stopServing();
      Setup.lost(Setup.async(() -> answerOnANewStream(back)), Delivered.NO);
    }
  }

  private static String answerOnANewStream(SocketConnection connection) throws IOException {
    try (TunnelStream stream = connection.streams().open(Map.of(), Duration.ZERO)) {
      stream
          .outputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(stream.inputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private class Recorded extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    public void init() {
      life.add("init");
    }

    @Override
    public void destroy() {
      destroying.countDown();
      try {
        Setup.await(mayDestroy);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      life.add("destroyed");
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.getWriter().print("served");
    }
  }
}
