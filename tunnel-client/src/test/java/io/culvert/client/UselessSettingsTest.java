package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.frame.ErrorCode;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A setting that would silently not be in force is refused, and a mistake is told to both sides.
 */
@Timeout(60)
class UselessSettingsTest {
  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  @Test
  void tlsSettingsNeedAnUrlThatAsksForTls() throws Exception {
    TunnelClient.Builder builder =
        TunnelClient.builder("ws://localhost:1").tls(SSLContext.getDefault());
    assertRefused(builder, "wss://");
  }

  @Test
  void proxyCredentialsNeedAnHttpProxy() {
    assertRefused(
        TunnelClient.builder("ws://localhost:1").proxyCredentials("user", "secret"), "HTTP proxy");
    Proxy socks = new Proxy(Proxy.Type.SOCKS, new InetSocketAddress("localhost", 1));
    assertRefused(
        TunnelClient.builder("ws://localhost:1").proxy(socks).proxyCredentials("user", "secret"),
        "SOCKS");
  }

  @Test
  void fragmentsAndMissingValuesAreRefused() {
    assertRefused(TunnelClient.builder("ws://localhost:1/#part"), "fragment");
    assertNames("url", () -> TunnelClient.builder(null));
    TunnelClient.Builder builder = TunnelClient.builder("ws://localhost:1");
    assertNames("token", () -> builder.bearerToken(null));
    assertNames("user", () -> builder.proxyCredentials(null, "secret"));
    assertNames("password", () -> builder.proxyCredentials("user", null));
  }

  @Test
  void aDialerHearsThatTheHandlerForConnectionsHasFailed() throws Exception {
    BlockingQueue<ConnectionEvent> events = new LinkedBlockingQueue<>();
    try (TunnelServer server = Setup.server().build()) {
      server.onConnection(
          connection -> {
            throw new IllegalStateException("thrown by the test");
          });
      server.start();
      Setup.client(server).reconnectOff().onEvent(events::add).build().connect();
      assertEquals(ConnectionEvent.Type.RECEIVED, events.poll(30, TimeUnit.SECONDS).type());
      ConnectionEvent end = events.poll(30, TimeUnit.SECONDS);
      assertEquals(ErrorCode.INTERNAL_ERROR, end.code());
      assertTrue(end.reason().contains("handler"), end.reason());
    }
  }

  private static void assertRefused(TunnelClient.Builder builder, String named) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
    assertTrue(e.getMessage().contains(named), e.getMessage());
    assertTrue(!e.getMessage().contains("secret"), e.getMessage());
  }

  private static void assertNames(String argument, org.junit.jupiter.api.function.Executable call) {
    assertEquals(argument, assertThrows(NullPointerException.class, call).getMessage());
  }
}
