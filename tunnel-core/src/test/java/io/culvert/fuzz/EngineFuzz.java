package io.culvert.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithSize;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Vector;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Coverage-guided; {@link EngineFuzzTest} has the seeded runs. */
class EngineFuzz {

  /** Where the packets find the engine. */
  enum State {
    GREETING(true),
    LISTENING(false),
    WELCOMING(false),
    DIALED(true),
    ACCEPTED(false),
    DIALER_WITH_STREAMS(true),
    ACCEPTOR_WITH_STREAMS(false),
    DRAINING(false),
    CLOSED(true),
    RESUMING_DIALER(true),
    RESUMING_ACCEPTOR(false),
    RESUMED_DIALER(true),
    RESUMED_ACCEPTOR(false);

    private final boolean dialer;

    State(boolean dialer) {
      this.dialer = dialer;
    }

    EngineUnderFire reach() throws ProtocolException {
      // The application always does the same; what varies is the peer.
      EngineUnderFire engine =
          new EngineUnderFire(new Random(1), dialer, name().startsWith("RESUM"));
      switch (this) {
        case GREETING, LISTENING -> {}
        case WELCOMING -> engine.halfShakeHands();
        case DIALED, ACCEPTED -> engine.shakeHands();
        case DIALER_WITH_STREAMS, ACCEPTOR_WITH_STREAMS -> {
          engine.shakeHands();
          engine.openStreams();
        }
        case DRAINING -> {
          engine.shakeHands();
          engine.openStreams();
          engine.drain();
        }
        case CLOSED -> {
          engine.shakeHands();
          engine.close();
        }
        case RESUMING_DIALER, RESUMING_ACCEPTOR -> {
          engine.shakeHands();
          engine.openStreams();
          engine.halfResume();
        }
        case RESUMED_DIALER, RESUMED_ACCEPTOR -> {
          engine.shakeHands();
          engine.openStreams();
          engine.halfResume();
          engine.completeResume();
        }
      }
      return engine;
    }
  }

  static Stream<Arguments> seeds() {
    return Arrays.stream(State.values())
        .flatMap(
            state ->
                Vector.golden().stream()
                    .map(packet -> Arguments.of(state, true, List.of(packet.bytes()))));
  }

  @MethodSource("seeds")
  @FuzzTest
  void noPacketsCanBreakAnEngine(
      @NotNull State state,
      boolean renumber,
      @NotNull @WithSize(max = 40) List<byte @NotNull []> packets)
      throws ProtocolException {
    state.reach().attack(packets, renumber);
  }
}
