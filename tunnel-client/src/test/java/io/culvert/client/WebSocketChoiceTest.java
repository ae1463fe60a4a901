package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.MemoryWebSockets;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketAcceptorFactory;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Client and server use the WebSocket library that they were given. */
@Timeout(60)
class WebSocketChoiceTest {
  private final ExecutorService executor = Executors.newCachedThreadPool();

  @AfterEach
  void nothingIsLeft() {
    executor.shutdown();
    Await.noThreads("culvert-");
  }

  @Test
  void aClientAndAServerMeetOnTheLibraryTheyWereGiven() throws Exception {
    MemoryWebSockets network = MemoryWebSockets.on(executor);
    try (TunnelServer server =
        TunnelServer.builder().webSocket(r -> network.acceptor(r.limits())).build().start()) {
      CompletableFuture<SocketConnection> arrival = new CompletableFuture<>();
      server.onConnection(arrival::complete);
      SocketConnection dialed =
          TunnelClient.builder("ws://memory:" + server.address().getPort())
              .webSocket(network.dialer())
              .build()
              .connect();
      arrival
          .get(30, TimeUnit.SECONDS)
          .serve(new TestServlet((request, response) -> response.getWriter().print("here")));
      assertEquals("here", Setup.get(dialed));
      dialed.close();
    }
  }

  @Test
  void theServersSettingsReachTheLibrary() throws Exception {
    CompletableFuture<ListenRequest> asked = new CompletableFuture<>();
    InetSocketAddress address = Setup.loopback();
    SSLContext tls = SSLContext.getDefault();
    WebSocketAcceptorFactory remembering =
        request -> {
          asked.complete(request);
          return new JavaWebSocketAcceptor(request);
        };
    try (TunnelServer server =
        TunnelServer.builder()
            .webSocket(remembering)
            .address(address)
            .tls(tls)
            .upgradeTimeout(Duration.ofSeconds(3))
            .build()) {
      ListenRequest request = asked.get();
      assertEquals(address, request.address());
      assertEquals(tls, request.tls());
      assertEquals(Duration.ofSeconds(3), request.limits().upgradeTimeout());
      assertThrows(IllegalStateException.class, server::address);
    }
  }

  @Test
  void whatIsTheHostsAffairIsRefused() throws Exception {
    WebSocketAcceptorFactory host =
        new WebSocketAcceptorFactory() {
          @Override
          public WebSocketAcceptor acceptor(ListenRequest request) {
            throw new AssertionError("never asked: " + request);
          }

          @Override
          public boolean hosted() {
            return true;
          }
        };
    SSLContext tls = SSLContext.getDefault();
    List<Consumer<TunnelServer.Builder>> settings =
        List.of(b -> b.port(0), b -> b.tls(tls), b -> b.upgradeTimeout(Duration.ofSeconds(1)));
    for (Consumer<TunnelServer.Builder> setting : settings) {
      TunnelServer.Builder builder = TunnelServer.builder().webSocket(host);
      setting.accept(builder);
      String message = assertThrows(IllegalArgumentException.class, builder::build).getMessage();
      assertTrue(message.contains("another server listens"), message);
    }
  }

  @Test
  void aProxyThatTheLibraryCannotUseIsRefusedBeforeItDials() {
    UnaryOperator<TunnelClient.Builder> lacking =
        builder ->
            builder.webSocket(
                new WebSocketDialer() {
                  @Override
                  public WebSocket dial(DialRequest request, WebSocketListener listener)
                      throws IOException {
                    throw new IOException("never dialed");
                  }

                  @Override
                  public Set<Feature> missing() {
                    return Set.of(Feature.PROXY_FOR_WS, Feature.SOCKS_PROXY);
                  }
                });
    InetSocketAddress nowhere = InetSocketAddress.createUnresolved("proxy", 1);
    Proxy http = new Proxy(Proxy.Type.HTTP, nowhere);
    Proxy socks = new Proxy(Proxy.Type.SOCKS, nowhere);
    assertRefused(lacking.apply(TunnelClient.builder("ws://localhost:1").proxy(http)), "HTTP");
    assertRefused(lacking.apply(TunnelClient.builder("wss://localhost:1").proxy(socks)), "SOCKS");
    assertFalse(
        lacking.apply(TunnelClient.builder("wss://localhost:1").proxy(http)).build() == null);
  }

  private static void assertRefused(TunnelClient.Builder builder, String named) {
    String message = assertThrows(IllegalArgumentException.class, builder::build).getMessage();
    assertTrue(message.contains(named) && message.contains("webSocket("), message);
  }
}
