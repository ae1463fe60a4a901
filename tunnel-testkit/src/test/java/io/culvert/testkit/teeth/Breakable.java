package io.culvert.testkit.teeth;

import org.junit.jupiter.api.extension.ExtendWith;

/** A contract over an adapter that is broken; only {@link Run} runs it. */
@ExtendWith(Run.Extension.class)
interface Breakable {
  /** Called before each test. */
  void setBroken(Break broken);
}
