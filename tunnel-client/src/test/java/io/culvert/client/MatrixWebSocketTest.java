package io.culvert.client;

import io.culvert.client.Libraries.Combination;
import io.culvert.testkit.HttpTunnel;
import io.culvert.testkit.WebSocketFidelity;
import java.util.stream.Stream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Over every pair of WebSocket libraries, in both directions, with small sizes. */
@ParameterizedClass
@MethodSource("combinations")
class MatrixWebSocketTest extends WebSocketFidelity {
  @Parameter Combination combination;

  static Stream<Combination> combinations() {
    return Combination.all();
  }

  @Override
  protected HttpTunnel connect() throws Exception {
    return combination.connect();
  }
}
