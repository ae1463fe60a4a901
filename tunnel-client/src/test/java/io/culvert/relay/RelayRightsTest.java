package io.culvert.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.testkit.Await;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rights that end while a connection is there. */
@Timeout(60)
class RelayRightsTest {
  private final FakeCredentials credentials =
      new FakeCredentials()
          .token("agent", "ann", "serve:pets")
          .token("caller", "carl", "connect:pets")
          .token("other", "bob", "serve:pets");
  private final BlockingQueue<ConnectionEvent> ends = new LinkedBlockingQueue<>();
  private Relay relay;

  @BeforeEach
  void start() throws Exception {
    relay = Relays.builder().credentials(credentials).build().start();
  }

  @AfterEach
  void stop() {
    relay.close();
    Await.noThreads("culvert-");
  }

  private void ended(ConnectionEvent event) {
    if (event.type() == ConnectionEvent.Type.CLOSED
        || event.type() == ConnectionEvent.Type.FAILED) {
      ends.add(event);
    }
  }

  private SocketConnection agent() throws Exception {
    SocketConnection agent =
        Relays.agent(relay.address(), "pets", "1")
            .bearerToken("agent")
            .onEvent(this::ended)
            .build()
            .connect();
    Await.until("it is there", () -> relay.status().connections().size() == 1);
    return agent;
  }

  private SocketConnection caller() throws Exception {
    SocketConnection caller =
        Relays.caller(relay.address(), "pets")
            .bearerToken("caller")
            .onEvent(this::ended)
            .build()
            .connect();
    Await.until("it is there", () -> relay.status().connections().size() == 1);
    return caller;
  }

  private ErrorCode end() throws InterruptedException {
    ConnectionEvent end = ends.poll(30, TimeUnit.SECONDS);
    assertTrue(end != null, "the connection has not ended");
    return end.code();
  }

  @Test
  void revokingAnAgentsTokenEndsItsConnectionAndFreesItsName() throws Exception {
    SocketConnection agent = agent();
    credentials.changed();
    assertEquals("200 1", Relays.getHost(relay.address(), "pets.localhost"));
    credentials.revoke("agent");
    assertEquals(ErrorCode.FORBIDDEN, end());
    agent.abort();
    SocketConnection next =
        Relays.agent(relay.address(), "pets", "2").bearerToken("other").build().connect();
    Await.until(
        "it serves",
        () -> relay.status().connections().stream().anyMatch(c -> c.agentId().equals("2")));
    next.close();
  }

  @Test
  void revokingACallersTokenEndsItsConnection() throws Exception {
    SocketConnection caller = caller();
    credentials.revoke("caller");
    assertEquals(ErrorCode.FORBIDDEN, end());
    caller.abort();
    Await.until("it is gone", () -> relay.status().connections().isEmpty());
  }

  @Test
  void aCallersStreamOutsideItsScopeIsRefused() throws Exception {
    SocketConnection caller = caller();
    credentials.takeScopes("caller");
    assertEquals(ErrorCode.FORBIDDEN, refusal(caller));
    caller.close();
  }

  @Test
  void anAgentsStreamOutsideItsScopeIsRefused() throws Exception {
    SocketConnection agent = agent();
    credentials.takeScopes("agent");
    assertEquals(ErrorCode.FORBIDDEN, refusal(agent));
    agent.close();
  }

  @Test
  void noRequestGoesToAnAgentThatMayServeNoMore() throws Exception {
    SocketConnection agent = agent();
    credentials.takeScopes("agent");
    assertTrue(Relays.getHost(relay.address(), "pets.localhost").startsWith("503 "));
    agent.close();
  }

  private static ErrorCode refusal(SocketConnection connection) throws Exception {
    try (TunnelStream stream = connection.streams().open(Map.of(), Duration.ofSeconds(30))) {
      return assertThrows(TunnelException.class, () -> Relays.readAll(stream)).code();
    }
  }
}
