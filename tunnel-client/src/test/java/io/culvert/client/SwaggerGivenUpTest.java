package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.testkit.Await;
import io.culvert.testkit.swaggersocket.SwaggerListener;
import io.culvert.testkit.swaggersocket.SwaggerPeer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A response of swaggersocket that is not read to its end, and what becomes of the connection. */
@Timeout(60)
class SwaggerGivenUpTest {
  private static final String HEAD = "HTTP/1.1 200 OK\r\n";

  private final BlockingQueue<ConnectionEvent> events = new LinkedBlockingQueue<>();

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  private interface Conversation {
    void hold(SwaggerPeer peer, SocketConnection connection) throws Exception;
  }

  private void with(Conversation conversation) throws Exception {
    try (SwaggerListener listener = SwaggerPeer.listen()) {
      CompletableFuture<SocketConnection> dialing =
          Setup.async(
              () ->
                  Setup.client(listener.address())
                      .swaggerSocket(true)
                      .reconnectOff()
                      .onEvent(events::add)
                      .build()
                      .connect());
      SwaggerPeer peer = listener.accept();
      peer.acceptHandshake("6c1f8f3e-0c1d-4a55-9f0e-1d2c3b4a5968");
      SocketConnection connection = dialing.get(30, TimeUnit.SECONDS);
      events.take();
      conversation.hold(peer, connection);
      connection.abort();
      peer.cut();
    }
  }

  private static CompletableFuture<Response> call(SocketConnection connection) {
    return Setup.async(() -> Setup.http(connection).newCall(Setup.request()).execute());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        HEAD + "\r\n0123456789",
        HEAD + "Content-Length: 1000\r\n\r\n0123456789",
        HEAD + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n",
      })
  void theRestOfItNeverReachesTheNextCall(String begun) throws Exception {
    with(
        (peer, connection) -> {
          CompletableFuture<Response> calling = call(connection);
          peer.read();
          peer.send(begun);
          try (Response response = calling.get(30, TimeUnit.SECONDS)) {
            assertEquals("0123456789", response.body().source().readUtf8(10));
          }
          ConnectionEvent end = events.take();
          assertEquals(ConnectionEvent.Type.FAILED, end.type());
          assertTrue(end.reason().contains("call"), end.reason());
        });
  }

  @Test
  void whatHasArrivedIsReadOnToItsEndAndTheConnectionGoesOn() throws Exception {
    with(
        (peer, connection) -> {
          for (int i = 0; i < 3; i++) {
            CompletableFuture<Response> calling = call(connection);
            peer.read();
            peer.send(
                i == 0
                    ? HEAD + "Content-Length: 10\r\n\r\n0123456789"
                    : HEAD + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n");
            calling.get(30, TimeUnit.SECONDS).close();
          }
          assertTrue(connection.isOpen());
        });
  }
}
