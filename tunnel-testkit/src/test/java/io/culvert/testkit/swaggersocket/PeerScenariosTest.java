package io.culvert.testkit.swaggersocket;

import io.culvert.testkit.Await;
import io.culvert.testkit.swaggersocket.SwaggerSide.Accepting;
import io.culvert.testkit.swaggersocket.SwaggerSide.Dialing;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;

/** The scenarios with a scripted peer on both sides. */
class PeerScenariosTest extends SwaggerScenarios {
  @AfterAll
  static void nothingIsLeft() {
    Await.noThreads("culvert-swagger-peer");
  }

  @Override
  protected Accepting accepting() throws IOException {
    return PeerSides.accepting();
  }

  @Override
  protected Dialing dialing() {
    return PeerSides.dialing();
  }
}
