package io.culvert.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.SocketConnection;
import io.culvert.testkit.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is let in at the upgrade, and what the others hear. */
@Timeout(60)
class RelayAdmissionTest {
  private final FakeCredentials credentials =
      new FakeCredentials()
          .token("ann", "ann", "serve:pets", "serve:cars", "connect:pets")
          .token("bob", "bob", "serve:pets")
          .token("none", "none");
  private Relay relay;
  private SocketConnection cars;

  @BeforeEach
  void start() throws Exception {
    relay = Relays.builder().credentials(credentials).maxAgents(2).build().start();
    cars = Relays.agent(relay.address(), "cars", "1").bearerToken("ann").build().connect();
    Await.until("it is there", () -> relay.status().connections().size() == 1);
  }

  @AfterEach
  void stop() {
    cars.abort();
    relay.close();
    Await.noThreads("culvert-");
  }

  private int upgrade(String headers) throws IOException {
    List<String> all = new ArrayList<>();
    if (headers != null) {
      all.addAll(List.of(headers.split(";", -1)));
    }
    return Relays.upgrade(relay.address(), all.toArray(new String[0]));
  }

  private static final String ANN = "Authorization: Bearer ann;";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          101 | Culvert-Serve: pets;Culvert-Agent-Id: 1
          101 | Culvert-Serve: pets;Culvert-Agent-Id: A.b_c-9;Culvert-Upstream-Protocol: h2c
          101 | Culvert-Serve: pets;Culvert-Agent-Id: 1;Culvert-Upstream-Protocol: http/1.1
          101 | Culvert-Serve: pets;Culvert-Agent-Id: 1;Culvert-Host-Header: localhost:3000
          101 | Culvert-Serve: cars;Culvert-Agent-Id: 1
          101 | Culvert-Connect: pets
          400 | X-Nothing: 1
          400 | Culvert-Serve: pets;Culvert-Connect: pets;Culvert-Agent-Id: 1
          400 | Culvert-Serve: Pets;Culvert-Agent-Id: 1
          400 | Culvert-Serve: a.b;Culvert-Agent-Id: 1
          400 | Culvert-Serve: *;Culvert-Agent-Id: 1
          400 | Culvert-Serve: ;Culvert-Agent-Id: 1
          400 | Culvert-Connect: -pets
          400 | Culvert-Serve: pets
          400 | Culvert-Serve: pets;Culvert-Agent-Id: a/b
          400 | Culvert-Serve: pets;Culvert-Agent-Id: 1;Culvert-Upstream-Protocol: spdy
          400 | Culvert-Serve: pets;Culvert-Agent-Id: 1;Culvert-Host-Header: a b
          403 | Culvert-Serve: boats;Culvert-Agent-Id: 1
          403 | Culvert-Connect: cars
          """)
  void whatTheUpgradeSaysDecides(int status, String headers) throws Exception {
    assertEquals(status, upgrade(ANN + headers));
    assertEquals(1, relay.status().connections().size()); // nothing is kept
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 | X-Nothing: 1
          401 | Authorization: Bearer unknown
          401 | Authorization: Bearer
          401 | Authorization: Basic ann
          401 | Authorization: ann
          403 | Authorization: Bearer none
          101 | Authorization: bearer ann
          """)
  void theTokenDecides(int status, String header) throws Exception {
    assertEquals(status, upgrade(header + ";Culvert-Serve: pets;Culvert-Agent-Id: 1"));
  }

  @Test
  void anotherIdentityHears409UntilTheNameIsFree() throws Exception {
    String bob = "Authorization: Bearer bob;Culvert-Serve: pets;Culvert-Agent-Id: 1";
    SocketConnection pets =
        Relays.agent(relay.address(), "pets", "1").bearerToken("ann").build().connect();
    Await.until("it is there", () -> relay.status().connections().size() == 2);
    assertEquals(409, upgrade(bob));
    pets.close();
    Await.until("it is gone", () -> relay.status().connections().size() == 1);
    assertEquals(101, upgrade(bob));
  }

  @Test
  void aFullRelayTakesOnlyWhoIsThereAlready() throws Exception {
    try (SocketConnection pets =
        Relays.agent(relay.address(), "pets", "1").bearerToken("ann").build().connect()) {
      assertTrue(pets.isOpen());
      Await.until("it is there", () -> relay.status().connections().size() == 2);
      assertEquals(503, upgrade(ANN + "Culvert-Serve: pets;Culvert-Agent-Id: 2"));
      assertEquals(101, upgrade(ANN + "Culvert-Serve: pets;Culvert-Agent-Id: 1"));
    }
  }
}
