package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketListener;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An Error of the application's code ends one socket at most, and no thread of the library. */
class JavaWebSocketErrorsTest {
  private final AtomicReference<UpgradeHandler> handler = new AtomicReference<>();
  private final WebSocketAcceptor acceptor =
      new JavaWebSocketAcceptor(
          new ListenRequest(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              new WebSocketAcceptor.Limits(1000, Duration.ofSeconds(30)),
              null,
              "culvert-errors-test"));

  @BeforeEach
  void start() throws IOException {
    acceptor.start(request -> handler.get().onUpgrade(request));
  }

  private void accept(WebSocketListener listener) {
    handler.set(request -> new Upgrade.Accept(null, listener));
  }

  private WebSocket dial(WebSocketListener listener) throws IOException {
    URI uri = URI.create("ws://127.0.0.1:" + acceptor.address().getPort());
    return new JavaWebSocketDialer()
        .dial(
            new DialRequest(
                uri, Map.of(), null, Duration.ofSeconds(30), null, Proxy.NO_PROXY, null, 1000),
            listener);
  }

  @AfterEach
  void close() {
    acceptor.close();
  }

  @Test
  void anUpgradeHandlerThatFailsRefusesItsDialAndTheNextOnesAreAnswered() throws Exception {
    handler.set(
        request -> {
          throw new AssertionError("thrown by the test");
        });
    // More often than there are threads.
    for (int i = 0; i < 8; i++) {
      UpgradeException e =
          assertThrows(UpgradeException.class, () -> dial(new RecordingListener()));
      assertEquals(500, e.status());
    }
    accept(new RecordingListener());
    dial(new RecordingListener()).abort();
  }

  @Test
  void aListenerThatFailsLosesItsSocketAndTheNextOnesLive() throws Exception {
    accept(
        new RecordingListener() {
          @Override
          public void onBinary(ByteBuffer message) {
            throw new AssertionError("thrown by the test");
          }
        });
    for (int i = 0; i < 8; i++) {
      RecordingListener dialed = new RecordingListener();
      dial(dialed).send(ByteBuffer.allocate(1), failure -> {});
      dialed.awaitClose();
    }
    accept(new RecordingListener());
    dial(new RecordingListener()).abort();
  }

  @Test
  void aCompletionThatFailsDoesNotKeepOthersFromRunning() throws Exception {
    accept(new RecordingListener());
    WebSocket socket = dial(new RecordingListener());
    try {
      socket.send(
          ByteBuffer.allocate(1),
          failure -> {
            throw new AssertionError("thrown by the test");
          });
    } catch (AssertionError e) {
      // Whether the sender hears of it is not what this is about.
    }
    CountDownLatch written = new CountDownLatch(1);
    socket.send(ByteBuffer.allocate(1), failure -> written.countDown());
    assertEquals(true, written.await(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS));
    socket.abort();
  }
}
