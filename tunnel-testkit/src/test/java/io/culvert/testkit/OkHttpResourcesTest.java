package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.okhttp.OkHttpDialer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.SocketFactory;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every WebSocket over OkHttp has a thread and a socket of its own, which end with it. */
class OkHttpResourcesTest extends OkHttpFixture {
  private static final String WITHOUT_KEY =
      "101 Switching Protocols, Upgrade: websocket, Connection: Upgrade, Sec-WebSocket-Protocol: "
          + SUBPROTOCOL;

  /** OkHttp's dispatcher would let 64 calls run, and a WebSocket is one until it ends. */
  @Test
  void moreWebSocketsAreOpenAtOnceThanACallDispatcherLetsRun() throws IOException {
    WebSocketAcceptor acceptor =
        start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, new RecordingListener()));
    for (int i = 0; i < 70; i++) {
      RecordingListener listener = new RecordingListener();
      WebSocket end = dialer().dial(request(acceptor.address()), listener);
      assertEquals(end, listener.opened());
    }
  }

  @Test
  void everyDialHasASocketOfItsOwnThatDelaysNothing() throws IOException {
    WebSocketAcceptor acceptor =
        start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, new RecordingListener()));
    List<Socket> sockets = new CopyOnWriteArrayList<>();
    WebSocketDialer remembering =
        new OkHttpDialer(new OkHttpClient.Builder().socketFactory(remembering(sockets)).build());
    RecordingListener first = new RecordingListener();
    remembering.dial(request(acceptor.address()), first).close(1000, "");
    first.awaitClose();
    remembering.dial(request(acceptor.address()), new RecordingListener());
    remembering.dial(request(acceptor.address()), new RecordingListener());
    // Some were for addresses of localhost where nobody listens.
    List<Socket> connected = sockets.stream().filter(Socket::isConnected).toList();
    assertEquals(3, connected.size());
    assertTrue(connected.get(2).getTcpNoDelay());
  }

  private static SocketFactory remembering(List<Socket> sockets) {
    return new SocketFactory() {
      @Override
      public Socket createSocket() {
        Socket socket = new Socket();
        sockets.add(socket);
        return socket;
      }

      @Override
      public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException();
      }

      @Override
      public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
        throw new UnsupportedOperationException();
      }

      @Override
      public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException();
      }

      @Override
      public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
        throw new UnsupportedOperationException();
      }
    };
  }

  @Test
  void theThreadOfAWebSocketEndsWithIt() throws Exception {
    CompletableFuture<Thread> reader = new CompletableFuture<>();
    RecordingListener listener =
        new RecordingListener() {
          @Override
          public void onOpen(WebSocket webSocket) {
            super.onOpen(webSocket);
            reader.complete(Thread.currentThread());
          }
        };
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    WebSocket end = dialer().dial(request(acceptor.address()), listener);
    assertTrue(reader.join().isDaemon());
    end.close(1000, "");
    listener.awaitClose();
    assertEnds(reader.join());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "403 Forbidden, Content-Length: 1000",
        "101 Switching Protocols, Upgrade: websocket, Connection: Upgrade",
        WITHOUT_KEY,
        "",
      })
  void aFailedDialLeavesNeitherThreadNorSocket(String answer) throws Exception {
    CompletableFuture<Thread> reader = new CompletableFuture<>();
    OkHttpDialer dialer = new OkHttpDialer(remembering(reader));
    CountDownLatch left = new CountDownLatch(1);
    RawServer server =
        closeLater(
            new RawServer(
                socket -> {
                  RawServer.readHead(socket.getInputStream());
                  socket.getOutputStream().write(head(answer));
                  try {
                    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                  } finally {
                    left.countDown();
                  }
                }));
    Duration timeout = answer.isEmpty() ? Duration.ofMillis(200) : DIAL_TIMEOUT;
    assertThrows(
        IOException.class,
        () ->
            dialer.dial(
                WebSocketPeerContract.through(server.address(), timeout, Proxy.NO_PROXY, null),
                dialed));
    left.await();
    assertEnds(reader.join());
    dialed.assertNothingMore();
  }

  private static byte[] head(String answer) {
    String lines = answer.isEmpty() ? "" : "HTTP/1.1 " + answer.replace(", ", "\r\n") + "\r\n\r\n";
    return lines.getBytes(StandardCharsets.US_ASCII);
  }

  private static OkHttpClient remembering(CompletableFuture<Thread> caller) {
    return new OkHttpClient.Builder()
        .addInterceptor(
            chain -> {
              caller.complete(Thread.currentThread());
              return chain.proceed(chain.request());
            })
        .build();
  }

  private static void assertEnds(Thread thread) throws InterruptedException {
    thread.join(DIAL_TIMEOUT.toMillis());
    assertFalse(thread.isAlive(), thread::getName);
  }
}
