package io.culvert.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.client.ReconnectPolicy;
import io.culvert.client.TunnelClient;
import io.culvert.frame.ErrorCode;
import io.culvert.relay.RelayStatus.ConnectionStatus;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.websocket.UpgradeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same agent comes again, another one comes, and somebody else tries. */
@Timeout(60)
class RelayTakeoverTest {
  /** Never comes back by itself within a test. */
  private static final ReconnectPolicy LATE =
      new ReconnectPolicy(
          Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ZERO);

  private Relay relay;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws Exception {
    FakeCredentials credentials =
        new FakeCredentials()
            .token("ann", "ann", "serve:pets")
            .token("ann2", "ann", "serve:pets")
            .token("bob", "bob", "serve:pets");
    relay = Relays.builder().credentials(credentials).build().start();
    proxy = new FaultProxy(relay.address());
  }

  @AfterEach
  void stop() {
    proxy.close();
    relay.close();
    Await.noThreads("culvert-");
  }

  private TunnelClient.Builder agent(String id, String token) {
    return Relays.agent(relay.address(), "pets", id).bearerToken(token);
  }

  private TunnelClient.Builder behindProxy(String id) {
    return Relays.agent(proxy.address(), "pets", id).bearerToken("ann").reconnect(LATE);
  }

  private List<ConnectionStatus> agents() {
    return relay.status().connections();
  }

  private void serves(SocketConnection agent) {
    Await.until(
        "it serves the name",
        () -> agents().stream().anyMatch(a -> a.connectionId().equals(agent.id())));
  }

  private String next() throws Exception {
    return Relays.getHost(relay.address(), "pets.localhost");
  }

  @Test
  void theSameAgentTakesItsNameOverFromALivingConnection() throws Exception {
    BlockingQueue<ConnectionEvent> events = new LinkedBlockingQueue<>();
    SocketConnection older = agent("1", "ann").onEvent(events::add).build().connect();
    serves(older);
    SocketConnection newer = agent("1", "ann2").build().connect();
    serves(newer);
    ConnectionEvent end = events.poll(30, TimeUnit.SECONDS);
    while (end != null && end.type() == ConnectionEvent.Type.RECEIVED) {
      end = events.poll(30, TimeUnit.SECONDS);
    }
    assertEquals(ErrorCode.REPLACED, end.code());
    assertEquals(1, agents().size());
    older.abort();
    assertEquals("200 1", next());
    newer.close();
  }

  @Test
  void theSameAgentTakesItsNameOverFromItsCorpse() throws Exception {
    SocketConnection corpse = behindProxy("1").build().connect();
    serves(corpse);
    proxy.inject(Fault.CUT);
    Await.until("it is detached", () -> !agents().get(0).attached());
    SocketConnection newer = agent("1", "ann").build().connect();
    serves(newer);
    Await.until("the corpse is gone", () -> agents().size() == 1);
    assertEquals(newer.id(), agents().get(0).connectionId());
    assertEquals("200 1", next());
    corpse.abort();
    newer.close();
  }

  @Test
  void theSameAgentTakesItsNameOverFromAHalfOpenConnection() throws Exception {
    SocketConnection corpse = behindProxy("1").build().connect();
    serves(corpse);
    proxy.inject(Fault.BLACK_HOLE);
    SocketConnection newer = agent("1", "ann").build().connect();
    serves(newer);
    Await.until("only one serves", () -> agents().stream().filter(a -> a.attached()).count() == 1);
    assertEquals("200 1", next());
    corpse.abort();
    newer.close();
  }

  @Test
  void aNameIsKeptForAnAgentThatIsDetached() throws Exception {
    SocketConnection detached = behindProxy("1").build().connect();
    serves(detached);
    proxy.inject(Fault.CUT);
    Await.until("it is detached", () -> !agents().get(0).attached());
    UpgradeException refused =
        assertThrows(UpgradeException.class, () -> agent("1", "bob").build().connect());
    assertEquals(409, refused.status());
    detached.abort();
  }

  @Test
  void agentsOfANameShareItsRequests() throws Exception {
    SocketConnection one = agent("1", "ann").build().connect();
    SocketConnection two = agent("2", "ann").build().connect();
    serves(one);
    serves(two);
    Map<String, Integer> answers = new HashMap<>();
    for (int i = 0; i < 10; i++) {
      answers.merge(next(), 1, Integer::sum);
    }
    assertEquals(Map.of("200 1", 5, "200 2", 5), answers);
    one.close();
    Await.until("it is gone", () -> agents().size() == 1);
    assertEquals("200 2", next());
    two.close();
  }
}
