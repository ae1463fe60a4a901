package io.culvert.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link Http2Attacks} against the connector and the header policy. */
class Http2SmugglingTest {
  private static final String INNOCENT = "/innocent";

  private static RecordingRelay relay;

  @BeforeAll
  static void start() throws Exception {
    relay = new RecordingRelay(address -> false, ForwardedHeaders.Source.X_FORWARDED);
  }

  @AfterAll
  static void stop() throws Exception {
    relay.stop();
  }

  @BeforeEach
  void forget() {
    relay.forget();
  }

  static Stream<Http2Attacks.Row> attacks() {
    return Http2Attacks.rows().stream();
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void theAttackIsRefusedOrNeutralisedAndTheNextRequestIsItself(Http2Attacks.Row row)
      throws IOException {
    Http2Exchange exchange = new Http2Exchange();
    exchange.request(1, row.fields(), row.data(), row.trailers());
    exchange.request(
        3,
        List.of(
            ":method: GET",
            ":scheme: http",
            ":authority: " + SmugglingTable.HOST,
            ":path: " + INNOCENT),
        null,
        List.of());

    exchange.run(relay.address());

    assertTrue(
        row.expectation().statuses().contains(exchange.status(1)),
        () -> exchange + ", seen: " + relay.seen());
    List<Seen> seen = new ArrayList<>(relay.seen());
    boolean innocentAnswered = exchange.status(3) == 200;
    assertTrue(innocentAnswered || exchange.status(3) == 0, exchange::toString);
    assertEquals(
        innocentAnswered,
        seen.removeIf(request -> request.target().equals(INNOCENT)),
        () -> exchange + ", seen: " + relay.seen());
    if (row.expectation().check() != null) {
      row.expectation().check().accept(seen.remove(0));
    }
    assertEquals(List.of(), seen);
  }
}
