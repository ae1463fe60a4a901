package io.culvert.client;

import io.culvert.testkit.Await;
import io.culvert.testkit.swaggersocket.SwaggerScenarios;
import io.culvert.testkit.swaggersocket.SwaggerSide;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;

/** The scenarios of swaggersocket: both sides served by the product. */
class SwaggerBothSidesScenariosTest extends SwaggerScenarios {
  @AfterAll
  static void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  @Override
  protected SwaggerSide.Accepting accepting() throws IOException {
    return SwaggerSides.accepting();
  }

  @Override
  protected SwaggerSide.Dialing dialing() {
    return SwaggerSides.dialing();
  }
}
