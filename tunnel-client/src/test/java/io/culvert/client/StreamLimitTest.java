package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More callers than the peer allows streams. */
@Timeout(60)
class StreamLimitTest {
  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  /** OkHttp offers an idle socket to no call that is connecting: it would sit in the pool. */
  @Test
  void aStreamThatBecomesIdleServesTheCallThatWaitsForOne() throws Exception {
    CountDownLatch connecting = new CountDownLatch(2);
    try (TunnelServer server = Setup.server().maxStreams(1).build()) {
      server.onConnection(connection -> connection.serve(TestServlet.saying("hello")));
      server.start();
      try (SocketConnection connection = Setup.client(server).build().connect()) {
        OkHttpClient http =
            Setup.http(connection).newBuilder().eventListener(new Connecting(connecting)).build();
        Response first = http.newCall(Setup.request()).execute();
        CompletableFuture<String> second = Setup.async(() -> Setup.get(http));
        Setup.await(connecting);

        first.close();

        assertEquals("hello", second.get(20, java.util.concurrent.TimeUnit.SECONDS));
      }
    }
  }

  private static final class Connecting extends EventListener {
    private final CountDownLatch connecting;

    Connecting(CountDownLatch connecting) {
      this.connecting = connecting;
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
      connecting.countDown();
    }
  }
}
