package io.culvert.bridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.SocketConnection;
import io.culvert.agent.Agent;
import io.culvert.agent.RawUpstream;
import io.culvert.agent.RelayRefusedException;
import io.culvert.agent.RelayStub;
import io.culvert.agent.Upstream;
import io.culvert.client.TunnelClient;
import io.culvert.testkit.Await;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A local port, a stub of a relay, an agent and a service that is a script. */
@Timeout(60)
class BridgeTest {
  private static final String RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npets";

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private RelayStub relay;
  private Agent agent;
  private Bridge bridge;
  private RawUpstream upstream;

  @BeforeEach
  void startRelay() throws Exception {
    relay = new RelayStub();
  }

  private void start(RawUpstream.Script script) throws Exception {
    upstream = new RawUpstream(script);
    agent = Agent.builder(relay.url(), "pets", Upstream.parse(upstream.url())).start();
    Await.until("the agent is there", () -> agent.status().connected());
    bridge = Bridge.builder(relay.url(), "pets").start();
  }

  @AfterEach
  void endEverything() throws Exception {
    if (bridge != null) {
      bridge.close(Duration.ZERO);
    }
    if (agent != null) {
      agent.close(Duration.ZERO);
      upstream.close();
    }
    relay.close();
    threads.shutdownNow();
    Await.noThreads("culvert-bridge");
  }

  private Socket dial() throws IOException {
    Socket socket = new Socket(bridge.address().getAddress(), bridge.address().getPort());
    socket.setSoTimeout(30_000);
    return socket;
  }

  @Test
  void bytesOfALocalConnectionReachTheServiceAndBackEachWithItsEnd() throws Exception {
    start(RawUpstream::echo);
    byte[] all = new byte[5_000_000];
    new Random(3).nextBytes(all);
    try (Socket socket = dial()) {
      Future<?> sending =
          threads.submit(
              () -> {
                socket.getOutputStream().write(all);
                socket.shutdownOutput();
                return null;
              });
      assertArrayEquals(all, socket.getInputStream().readAllBytes());
      sending.get();
    }
  }

  @Test
  void aConnectionThatWasCutIsReset() throws Exception {
    start(
        socket -> {
          socket.getOutputStream().write(socket.getInputStream().read());
          socket.getInputStream().read();
          socket.setSoLinger(true, 0);
        });
    try (Socket socket = dial()) {
      socket.getOutputStream().write('a');
      assertEquals('a', socket.getInputStream().read());
      socket.getOutputStream().write('b');
      assertThrows(SocketException.class, () -> socket.getInputStream().read());
    }
  }

  @Test
  void aServiceThatIsNotThereResetsTheConnection() throws Exception {
    start(socket -> {});
    upstream.close();
    try (Socket socket = dial()) {
      assertThrows(SocketException.class, () -> socket.getInputStream().read());
    }
  }

  @Test
  void aConnectionWaitsForTheRelayNoLongerThanAllowed() throws Exception {
    relay.close();
    bridge = Bridge.builder(relay.url(), "pets").connectTimeout(Duration.ofMillis(200)).start();
    try (Socket socket = dial()) {
      assertThrows(SocketException.class, () -> socket.getInputStream().read());
    }
  }

  @Test
  void aBridgeThatIsNotWantedSaysWhy() throws Exception {
    relay.refuseWith(403);
    bridge = Bridge.builder(relay.url(), "pets").start();
    RelayRefusedException e = assertThrows(RelayRefusedException.class, bridge::awaitEnd);
    assertEquals(RelayRefusedException.Reason.FORBIDDEN, e.reason());
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    start(RawUpstream::echo);
    IOException e =
        assertThrows(
            IOException.class,
            () -> Bridge.builder(relay.url(), "pets").listen(bridge.address()).start());
    assertEquals(
        true, e.getMessage().contains(String.valueOf(bridge.address().getPort())), e.getMessage());
  }

  @Test
  void anOkHttpClientReachesTheServiceWithoutABridge() throws Exception {
    start(
        socket -> {
          socket.getInputStream().read(new byte[4096]);
          socket.getOutputStream().write(RESPONSE.getBytes(StandardCharsets.UTF_8));
        });
    try (SocketConnection connection =
        TunnelClient.builder(relay.url()).connectTo("pets").build().connect()) {
      OkHttpClient client = new OkHttpClient.Builder().addInterceptor(connection).build();
      Request request = new Request.Builder().url("http://pets.example/pets").build();
      try (Response response = client.newCall(request).execute()) {
        assertEquals("pets", response.body().string());
      }
    }
  }
}
