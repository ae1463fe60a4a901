package io.culvert.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.EngineConfig;
import io.culvert.frame.ErrorCode;
import io.culvert.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is called from inside a connection throws: nobody else may suffer, or wait for ever. */
@Timeout(60)
class FailingCallbacksTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ConnectionRuntime runtime = ConnectionRuntime.create("test");
  private final Connection dialer =
      EngineConnection.dialer(runtime, EngineConfig.DEFAULT, Map.of(), new ConnectionListener() {});
  private final Connection acceptor =
      EngineConnection.acceptor(runtime, EngineConfig.DEFAULT, new ConnectionListener() {});
  private final Wire toAcceptor = new Wire(acceptor.socketListener());

  @BeforeEach
  void connect() throws Exception {
    WebSocketListener atDialer = dialer.socketListener();
    acceptor.socketListener().onOpen(new Wire(atDialer));
    atDialer.onOpen(toAcceptor);
    dialer.awaitEstablished();
  }

  @AfterEach
  void close() {
    dialer.abort("test is over");
    acceptor.abort("test is over");
    runtime.close();
  }

  @Test
  void aHandlerThatThrowsFailsItsStreamAlone() throws Exception {
    BlockingQueue<TunnelStream> taken = new LinkedBlockingQueue<>();
    acceptor.streamHandler(
        stream -> {
          if (stream.attributes().containsKey("bad")) {
            throw new AssertionError("thrown by the test");
          }
          taken.add(stream);
        });
    TunnelStream bad = dialer.open(Map.of("bad", ""), LONG);
    TunnelException e = assertThrows(TunnelException.class, () -> bad.inputStream().read());
    assertEquals(ErrorCode.INTERNAL_ERROR, e.code());
    dialer.open(Map.of(), LONG).outputStream().write(7);
    assertEquals(7, taken.poll(30, TimeUnit.SECONDS).inputStream().read());
  }

  @Test
  void aWakeUpThatThrowsKeepsNoOtherFromRunning() throws Exception {
    BlockingQueue<TunnelStream> taken = new LinkedBlockingQueue<>();
    acceptor.streamHandler(taken::add);
    TunnelStream first = dialer.open(Map.of(), LONG);
    TunnelStream second = dialer.open(Map.of(), LONG);
    CountDownLatch woken = new CountDownLatch(2);
    first.whenReadable(
        () -> {
          woken.countDown();
          throw new AssertionError("thrown by the test");
        });
    second.whenReadable(woken::countDown);
    acceptor.abort("for the test"); // wakes both at once
    dialer.abort("for the test");
    assertTrue(woken.await(30, TimeUnit.SECONDS));
  }

  @Test
  void aSocketThatThrowsEndsTheConnection() throws Exception {
    BlockingQueue<TunnelStream> taken = new LinkedBlockingQueue<>();
    acceptor.streamHandler(taken::add);
    TunnelStream stream = dialer.open(Map.of(), LONG);
    toAcceptor.failure = new AssertionError("thrown by the test");
    assertThrows(
        Throwable.class,
        () -> {
          stream.outputStream().write(1);
          stream.inputStream().read();
        });
    assertThrows(TunnelException.class, () -> stream.inputStream().read());
    assertTrue(toAcceptor.aborted);
  }

  /** Fails when it is told to. */
  private static final class Wire extends Loopback {
    volatile Error failure;
    volatile boolean aborted;

    Wire(WebSocketListener far) {
      super(() -> far);
    }

    @Override
    public void send(ByteBuffer message, Completion completion) {
      if (failure != null) {
        throw failure;
      }
      super.send(message, completion);
    }

    @Override
    public void abort() {
      aborted = true;
    }
  }
}
