package io.culvert.testkit;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExampleDialerContractTest extends WebSocketNetworkContract {
  private static final WebSocketDialer DIALER = new ExampleDialer();

  @Override
  protected WebSocketDialer dialer() {
    return DIALER;
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    InetSocketAddress anyPort = new InetSocketAddress("localhost", 0);
    return new JavaWebSocketAcceptor(new ListenRequest(anyPort, limits, tls, "test"));
  }

  @Override
  protected WebSocketAcceptor acceptorAt(int port) {
    var limits = new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, DIAL_TIMEOUT);
    InetSocketAddress address = new InetSocketAddress("localhost", port);
    return new JavaWebSocketAcceptor(new ListenRequest(address, limits, null, "test"));
  }

  // What the library cannot do, though no feature stands for it:

  /** In place of other codes below 3000 the JDK sends 1008. */
  @Override
  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1008, 1011})
  void aCloseCodeReachesBothListenersWhoeverCloses(int code) throws IOException {
    super.aCloseCodeReachesBothListenersWhoeverCloses(code);
  }

  /** The JDK reports a message when its bytes come, whatever length it has announced. */
  @Override
  void aLengthThatNobodyTakesEndsTheWebSocketBeforeItsBytesCome(long length) {}

  /**
   * A ping that arrives while this side closes: the JDK may answer it behind its close frame, takes
   * the failure for a broken socket and drops it before the peer has answered.
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
