package io.culvert.fuzz;

import org.junit.jupiter.api.Test;

class EngineFuzzTest {

  /** An acceptor and a dialer, in every state, against a peer that says anything at any time. */
  @Test
  void noPeerCanBreakAnEngine() {
    Campaign.run(2_000, random -> new EngineUnderFire(random).run(200));
  }
}
