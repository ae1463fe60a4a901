package io.culvert.testkit;

import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.jdk.JdkDialer;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JdkDialerContractTest extends ListeningContract {

  @Override
  protected WebSocketDialer dialer() {
    return new JdkDialer();
  }

  /**
   * The JDK reports nothing of a message before its bytes come, whatever length it has announced;
   * nothing is allocated for it either, and the limit holds for what has come.
   */
  @Override
  void aLengthThatNobodyTakesEndsTheWebSocketBeforeItsBytesCome(long length) {}

  /**
   * Without pings that arrive while this side closes: the JDK may answer one behind its close
   * frame, takes the failure for a broken socket and drops it before the peer has answered.
   */
  @Override
  @ParameterizedTest
  @EnumSource(names = "DIALER")
  void aPingThatIsPendingAtTheEndDoesNoHarm(End from) throws IOException {
    super.aPingThatIsPendingAtTheEndDoesNoHarm(from);
  }

  /** As above. */
  @Override
  @ParameterizedTest
  @EnumSource(names = "ACCEPTOR")
  void everythingMayMeetTheEnd(End ending) throws Exception {
    super.everythingMayMeetTheEnd(ending);
  }
}
