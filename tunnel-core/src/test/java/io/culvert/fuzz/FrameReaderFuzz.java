package io.culvert.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithLength;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import org.junit.jupiter.params.provider.MethodSource;

/** Coverage-guided; {@link FrameReaderFuzzTest} has the seeded runs. */
class FrameReaderFuzz {
  private static final int SOME_TOO_LONG = Wire.MAX_PACKET + 1;

  @MethodSource("io.culvert.frame.Vector#corpus")
  @FuzzTest
  void anyBytesAreRefusedOrUnderstood(byte @NotNull @WithLength(max = SOME_TOO_LONG) [] bytes)
      throws ProtocolException {
    PacketOracle.check(bytes);
  }
}
