package io.culvert.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who has to go when too many wait to be resumed, and that nobody stays who has gone. */
@Timeout(120)
class LinksTest {
  private final ConnectionRuntime runtime =
      new ConnectionRuntime(
          Threads.perTask("test-links"), new TimeStandsStill(), System::nanoTime, new Random(1));

  /** Nothing here waits for a time, and what waits would keep its connection. */
  private static final class TimeStandsStill extends ScheduledThreadPoolExecutor {
    TimeStandsStill() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      return super.schedule(() -> {}, 0, unit);
    }
  }

  @AfterEach
  void close() {
    runtime.close();
  }

  private EngineConnection connection() {
    return EngineConnection.acceptor(runtime, EngineConfig.DEFAULT, new ConnectionListener() {});
  }

  @Test
  void theOneThatWaitedLongestOfThePrincipalGoes() {
    Links links = new Links(2, 100);
    EngineConnection other = connection();
    EngineConnection first = connection();
    EngineConnection second = connection();
    assertNull(links.detached(other, "bob"));
    assertNull(links.detached(first, "alice"));
    assertNull(links.detached(second, "alice"));

    assertSame(first, links.detached(connection(), "alice"));
    assertSame(second, links.detached(connection(), "alice"));
  }

  @Test
  void whoHasToGoCountsNoMoreThoughItIsStillThere() {
    Links links = new Links(1, 100);
    EngineConnection first = connection();
    EngineConnection second = connection();
    links.detached(first, "alice");
    assertSame(first, links.detached(second, "alice"));
    // All at the same instant: the first has not ended yet.
    assertSame(second, links.detached(connection(), "alice"));
    assertEquals(1, links.detached());
  }

  @Test
  void aFloodOfOnePrincipalCostsNobodyElseAnything() {
    Links links = new Links(10, 100);
    EngineConnection other = connection();
    links.detached(other, "bob");
    for (int i = 0; i < 1_000; i++) {
      EngineConnection victim = links.detached(connection(), "alice");
      assertEquals(i >= 10, victim != null);
      assertNotSame(other, victim);
    }
    assertEquals(11, links.detached());
  }

  @Test
  void allPrincipalsTogetherHaveABoundToo() {
    Links links = new Links(10, 3);
    EngineConnection first = connection();
    EngineConnection second = connection();
    assertNull(links.detached(first, "a"));
    assertNull(links.detached(second, "b"));
    assertNull(links.detached(connection(), "c"));
    assertSame(first, links.detached(connection(), "d"));
    assertSame(second, links.detached(connection(), "e"));
    assertEquals(3, links.detached());
  }

  @Test
  void whoIsResumedWaitsNoMore() {
    Links links = new Links(2, 100);
    EngineConnection first = connection();
    EngineConnection second = connection();
    links.detached(first, "alice");
    links.detached(second, "alice");
    links.attached(first, "alice");
    assertNull(links.detached(first, "alice"));
    assertSame(second, links.detached(connection(), "alice"));
  }

  // Through a connection's life.

  @Test
  void whoHasToGoDoesNotCountAgainWhenItsResumeFails() throws Exception {
    Links links = new Links(1, 100);
    Pair pair = new Pair(links).connected().cut();
    WebSocketListener resuming = pair.halfResumed();
    EngineConnection second = connection();
    assertSame(pair.acceptor, links.detached(second, "alice"));
    resuming.onClose(1006, ""); // before it has been told to end
    assertSame(second, links.detached(connection(), "alice"));
    pair.acceptor.expire("too many");
    pair.awaitEnd();
  }

  @Test
  void nothingStaysOfConnectionsThatHaveEnded() throws Exception {
    Links links = new Links(3, 100);
    for (int i = 0; i < 400; i++) {
      for (Life life : Life.values()) {
        Pair pair = new Pair(links);
        life.live(pair);
      }
    }
    assertEquals(0, links.detached());
    assertEquals(0, links.size());
  }

  /** How a connection may end. */
  private enum Life {
    CLOSED {
      @Override
      void live(Pair pair) throws Exception {
        pair.connected().acceptor.close(ErrorCode.NO_ERROR, "closed");
        pair.awaitEnd();
      }
    },
    CUT_AND_RESUMED_AND_CLOSED {
      @Override
      void live(Pair pair) throws Exception {
        pair.connected().cut().resumed().acceptor.close(ErrorCode.NO_ERROR, "closed");
        pair.awaitEnd();
      }
    },
    CUT_AND_ABORTED {
      @Override
      void live(Pair pair) throws Exception {
        pair.connected().cut().acceptor.abort("aborted");
        pair.awaitEnd();
      }
    },
    CUT_AND_EXPIRED {
      @Override
      void live(Pair pair) throws Exception {
        pair.connected().cut().acceptor.expire("expired");
        pair.awaitEnd();
      }
    },
    NEVER_CONFIRMED {
      @Override
      void live(Pair pair) throws Exception {
        pair.welcomed().cut().acceptor.abort("aborted");
        pair.awaitEnd();
      }
    },
    NEVER_GREETED {
      @Override
      void live(Pair pair) throws Exception {
        pair.acceptor.socketListener().onOpen(new Loopback(() -> pair.acceptor.socketListener()));
        pair.acceptor.socketListener().onClose(1006, "");
        pair.awaitEnd();
      }
    };

    abstract void live(Pair pair) throws Exception;
  }

  /** A dialer and an acceptor in one process. */
  private final class Pair {
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    final BlockingQueue<EngineEnd> ended = new LinkedBlockingQueue<>();
    final Links links;
    final EngineConnection acceptor;
    final EngineConnection dialer =
        EngineConnection.dialer(
            runtime, EngineConfig.DEFAULT, Map.of(), new ConnectionListener() {});

    Pair(Links links) {
      this.links = links;
      this.acceptor =
          EngineConnection.acceptor(
              runtime,
              EngineConfig.DEFAULT,
              links,
              "alice",
              new ConnectionListener() {
                @Override
                public void established(Connection connection) {
                  told.add("established");
                  connection.streamHandler(null);
                }

                @Override
                public void resumed(Connection connection, Resumption resumption) {
                  told.add("resumed");
                }

                @Override
                public void ended(Connection connection, EngineEnd end) {
                  ended.add(end);
                }
              });
    }

    Pair connected() throws Exception {
      WebSocketListener atAcceptor = acceptor.socketListener();
      atAcceptor.onOpen(new Loopback(dialer::socketListener));
      dialer.socketListener().onOpen(new Loopback(() -> atAcceptor));
      dialer.awaitEstablished();
      await("established");
      return this;
    }

    /** The dialer's CONFIRM is lost. */
    Pair welcomed() throws IOException {
      WebSocketListener atAcceptor = acceptor.socketListener();
      atAcceptor.onOpen(new Loopback(dialer::socketListener));
      dialer
          .socketListener()
          .onOpen(
              new Loopback(() -> atAcceptor) {
                private boolean greeted;

                @Override
                public synchronized void send(ByteBuffer message, Completion completion) {
                  if (greeted) {
                    completion.written(null);
                  } else {
                    greeted = true;
                    super.send(message, completion);
                  }
                }
              });
      dialer.awaitEstablished();
      return this;
    }

    Pair cut() {
      acceptor.socketListener().onClose(1006, "");
      dialer.socketListener().onClose(1006, "");
      return this;
    }

    Pair resumed() throws Exception {
      EngineConnection fresh =
          EngineConnection.acceptor(
              runtime, EngineConfig.DEFAULT, links, "alice", new ConnectionListener() {});
      WebSocketListener next = dialer.nextSocket();
      WebSocketListener atAcceptor = fresh.socketListener();
      atAcceptor.onOpen(new Loopback(() -> next));
      next.onOpen(new Loopback(() -> atAcceptor));
      await("resumed");
      return this;
    }

    /** What the acceptor sends on the new socket is lost. */
    WebSocketListener halfResumed() throws InterruptedException {
      EngineConnection fresh =
          EngineConnection.acceptor(
              runtime, EngineConfig.DEFAULT, links, "alice", new ConnectionListener() {});
      WebSocketListener atAcceptor = fresh.socketListener();
      CountDownLatch arrived = new CountDownLatch(1);
      atAcceptor.onOpen(
          new Loopback(() -> null) {
            @Override
            public void send(ByteBuffer message, Completion completion) {
              completion.written(null);
            }
          });
      dialer
          .nextSocket()
          .onOpen(
              new Loopback(() -> atAcceptor) {
                @Override
                public void send(ByteBuffer message, Completion completion) {
                  super.send(message, completion);
                  arrived.countDown();
                }
              });
      assertTrue(arrived.await(30, TimeUnit.SECONDS));
      return atAcceptor;
    }

    void awaitEnd() throws InterruptedException {
      assertNotNull(ended.poll(30, TimeUnit.SECONDS));
      dialer.abort("the test is over");
    }

    private void await(String what) throws InterruptedException {
      assertEquals(what, told.poll(30, TimeUnit.SECONDS));
    }
  }
}
