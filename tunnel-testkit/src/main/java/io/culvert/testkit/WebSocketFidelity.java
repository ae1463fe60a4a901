package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A WebSocket of the application inside the tunnel. */
public abstract class WebSocketFidelity extends HttpSuite {
  private static final int MESSAGES = 10_000;

  /** Completed by the next session that the service opens. */
  private static volatile CompletableFuture<Session> opened = new CompletableFuture<>();

  private static volatile CompletableFuture<Integer> closed = new CompletableFuture<>();

  @BeforeEach
  void addEndpoint() {
    opened = new CompletableFuture<>();
    closed = new CompletableFuture<>();
    JakartaWebSocketServletContainerInitializer.configure(
        application,
        (context, container) ->
            container.addEndpoint(
                ServerEndpointConfig.Builder.create(Echo.class, "/socket").build()));
  }

  @Test
  void messagesComeBackInOrder() throws Exception {
    Received received = new Received();
    WebSocket socket = client().newWebSocket(url("http"), received);
    Future<?> sent = threads.submit(() -> sendAll(socket));
    for (int i = 0; i < MESSAGES; i++) {
      assertEquals((i % 2 == 0 ? "text " : "binary ") + i, received.messages.take());
    }
    sent.get();
    socket.close(1000, "bye");
    assertEquals(1000, received.closed.get());
    assertEquals(1000, closed.get());
    await(() -> tunnel.openStreams() == 0);
  }

  @Test
  void secureUrlsWorkAndTheServiceMaySpeakFirst() throws Exception {
    Received received = new Received();
    WebSocket socket = client().newWebSocket(url("https"), received);
    Session session = opened.get();
    assertTrue(session.isSecure());
    session.getBasicRemote().sendText("unasked");
    assertEquals("unasked", received.messages.take());
    session.close();
    assertEquals(1000, received.closed.get());
    socket.cancel();
    await(() -> tunnel.openStreams() == 0);
  }

  @Test
  void cancelEndsTheServicesSession() throws Exception {
    WebSocket socket = client().newWebSocket(url("http"), new Received());
    opened.get();
    socket.cancel();
    // 1006: closed without a close frame.
    assertEquals(1006, closed.get());
    await(() -> tunnel.openStreams() == 0);
  }

  @Test
  void theReadTimeoutIsNotForTheTimeBetweenMessages() throws Exception {
    Duration timeout = Duration.ofMillis(100);
    Received received = new Received();
    WebSocket socket =
        client().newBuilder().readTimeout(timeout).build().newWebSocket(url("http"), received);
    opened.get();
    long before = System.nanoTime();
    await(() -> System.nanoTime() - before > 3 * timeout.toNanos());
    assertTrue(socket.send("still here"));
    assertEquals("still here", received.messages.take());
    socket.cancel();
    await(() -> tunnel.openStreams() == 0);
  }

  private static void sendAll(WebSocket socket) {
    for (int i = 0; i < MESSAGES; i++) {
      boolean taken =
          i % 2 == 0 ? socket.send("text " + i) : socket.send(ByteString.encodeUtf8("binary " + i));
      assertTrue(taken);
    }
  }

  private static Request url(String scheme) {
    return new Request.Builder().url(scheme + "://service.test/socket").build();
  }

  /** Keeps what comes, in order. */
  private static final class Received extends WebSocketListener {
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();

    @Override
    public void onMessage(WebSocket socket, String text) {
      messages.add(text);
    }

    @Override
    public void onMessage(WebSocket socket, ByteString bytes) {
      messages.add(bytes.utf8());
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      socket.close(code, null);
    }

    @Override
    public void onClosed(WebSocket socket, int code, String reason) {
      closed.complete(code);
    }

    @Override
    public void onFailure(WebSocket socket, Throwable failure, Response response) {
      closed.completeExceptionally(failure);
    }
  }

  /** Sends back what it gets. Public, because the container makes it. */
  public static final class Echo extends Endpoint {
    @Override
    public void onOpen(Session session, EndpointConfig config) {
      session.addMessageHandler(
          String.class,
          (MessageHandler.Whole<String>)
              text -> send(() -> session.getBasicRemote().sendText(text)));
      session.addMessageHandler(
          ByteBuffer.class,
          (MessageHandler.Whole<ByteBuffer>)
              bytes -> send(() -> session.getBasicRemote().sendBinary(bytes)));
      opened.complete(session);
    }

    @Override
    public void onClose(Session session, jakarta.websocket.CloseReason reason) {
      closed.complete(reason.getCloseCode().getCode());
    }

    private static void send(Sending sending) {
      try {
        sending.send();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** One message on its way. */
  @FunctionalInterface
  private interface Sending {
    void send() throws IOException;
  }
}
