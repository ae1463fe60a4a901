package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything an adapter of a WebSocket library must do. <b>Extend this class</b> to prove one; it
 * is the whole suite, in themes along a chain of superclasses:
 *
 * <table>
 *   <caption>What is shown where, with the assertion of the port's contract it stands for</caption>
 *   <tr><th>class<th>theme<th>assertions
 *   <tr><td>{@link WebSocketMessageContract}<td>binary messages of 0 to a million bytes, limits,
 *       order, completions, many senders, packets at rate<td>G1 R1 W1 W3
 *   <tr><td>{@link WebSocketTextContract}<td>text, and bytes that are none<td>R1 W1
 *   <tr><td>{@link WebSocketPingContract}<td>pings, pongs, both among messages<td>P1 P3 R2
 *   <tr><td>{@link WebSocketPauseContract}<td>pause and resume<td>
 *   <tr><td>{@link WebSocketCloseContract}<td>close codes, abort, use after the end<td>C2-C5 R3 W4
 *   <tr><td>{@link WebSocketRaceContract}<td>an end that comes from many threads<td>G1 C2
 *   <tr><td>{@link WebSocketListenerContract}<td>callbacks that send, close, abort or throw<td>G1
 *   <tr><td>{@link WebSocketContract}<td>the upgrade; acceptors; the first class that the in-memory
 *       WebSockets pass<td>D1 D2 D3 D5
 *   <tr><td>{@link WebSocketPeerContract}<td>HTTP by hand: redirects, 401, half an answer, requests
 *       that are no upgrade<td>D1 D3
 *   <tr><td>{@link WebSocketFrameContract}<td>frames by hand, well-formed or not<td>R1 R2 R3 W2
 *   <tr><td>{@link WebSocketTlsContract}<td>TLS, good and wrong certificates<td>D1
 *   <tr><td>{@link WebSocketFlowContract}<td>peers that read slowly, or no more<td>W3
 *   <tr><td>this class<td>proxies, broken networks, what is left behind<td>D1 R3
 * </table>
 *
 * <p>(G general, D dial, C close, P ping, R read, W write. What blocks, with its deadlines, and the
 * second dial belong to the blocking facade above the port.)
 *
 * <p><b>What to implement</b>: {@link #dialer}, {@link #acceptor} and {@link #acceptorAt}; called
 * often, {@code dialer()} may return the same object each time. With only a dialer to prove, return
 * a {@link io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor} as the other end; with only an
 * acceptor, a {@link io.culvert.websocket.javawebsocket.JavaWebSocketDialer}. What the library
 * cannot do, the adapter's {@code missing()} says ({@link Feature}): the suite then asserts the
 * lesser behaviour that is documented there, and nothing less. For an acceptor that somebody else's
 * server hosts, override {@link #hosted}, and let {@code acceptor} return one that starts and stops
 * that server too. Release shared clients and servers with {@link #closeLater}.
 *
 * <p>Each test opens its own sockets on loopback. Nothing depends on time, except that what hangs
 * fails after half a minute.
 */
public abstract class WebSocketNetworkContract extends WebSocketFlowContract {
  /** More threads or sockets of one kind than a pool keeps; a leak would have a thousand. */
  private static final int FEW = 60;

  @Test
  void aCloseThatIsNeverAnsweredDropsTheSocket() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket end = dial(network.address());
    dialed.opened();
    accepted.opened();
    network.inject(Fault.BLACK_HOLE);
    end.close(1000, "");
    assertEquals(1006, dialed.next(Event.Close.class).code());
    accepted.assertNothingMore();
  }

  @Test
  void aBlackHoledPeerCanBeAborted() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket end = dial(network.address());
    dialed.opened();
    accepted.opened();
    network.inject(Fault.BLACK_HOLE);
    end.send(bytes(10, 1), failure -> {});
    end.abort();
    assertEquals(1006, dialed.next(Event.Close.class).code());
    accepted.assertNothingMore();
  }

  @ParameterizedTest
  @ValueSource(strings = {"CUT", "RESET"})
  void aBrokenSocketIs1006OnBothSides(String fault) throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    dial(network.address());
    dialed.opened();
    accepted.opened();
    network.inject(Fault.valueOf(fault));
    assertEquals(1006, dialed.next(Event.Close.class).code());
    assertEquals(1006, accepted.next(Event.Close.class).code());
  }

  @Test
  void anHttpProxyIsAskedToConnect() throws IOException {
    if (dialerLacks(Feature.PROXY_FOR_WS)) {
      Proxy proxy = closeLater(new ConnectProxy(null)).proxy();
      InetSocketAddress address = start(upgrade -> accept()).address();
      assertThrows(
          UnsupportedOperationException.class,
          () -> dialer().dial(through(address, DIAL_TIMEOUT, proxy, null), dialed));
      return;
    }
    for (String authorization : new String[] {null, "Basic c2VjcmV0"}) {
      WebSocketAcceptor acceptor = start(upgrade -> accept());
      ConnectProxy proxy = closeLater(new ConnectProxy(authorization));
      RecordingListener listener = new RecordingListener();
      WebSocket end =
          dialer()
              .dial(
                  through(acceptor.address(), DIAL_TIMEOUT, proxy.proxy(), authorization),
                  listener);
      assertEquals(
          List.of("localhost:" + acceptor.address().getPort()), List.copyOf(proxy.targets()));
      listener.opened();
      end.send(bytes(3, 1), failure -> {});
      accepted.opened();
      assertEquals(bytes(3, 1), accepted.next(Event.Binary.class).message());
      end.abort();
      accepted.awaitClose();
      accepted.reset();
    }
  }

  /** Over TLS, because every library tunnels that through a proxy. */
  @Test
  void aProxyThatWantsAuthorizationIsAClearError() throws IOException {
    TestCertificates certificates = certificates("proxied", "dns:localhost");
    WebSocketAcceptor acceptor = startTls(certificates);
    ConnectProxy proxy = closeLater(new ConnectProxy("Basic c2VjcmV0"));
    DialRequest request =
        new DialRequest(
            URI.create("wss://localhost:" + acceptor.address().getPort()),
            Map.of(),
            SUBPROTOCOL,
            DIAL_TIMEOUT,
            trusting(certificates),
            proxy.proxy(),
            "Basic wrong",
            MAX_MESSAGE_BYTES);
    IOException error = assertThrows(IOException.class, () -> dialer().dial(request, dialed));
    assertTrue(error.getMessage().contains("407"), error::toString);
    assertFalse(error.toString().contains("wrong"), error::toString);
  }

  @Test
  void anAddressInUseIsNamed() throws IOException {
    Assumptions.assumeFalse(hosted(), "its server binds the address");
    try (RawServer server = new RawServer(Socket::close)) {
      int taken = server.address().getPort();
      IOException error =
          assertThrows(IOException.class, () -> acceptorAt(taken).start(u -> accept()));
      assertTrue(error.getMessage().contains(String.valueOf(taken)), error::toString);
    }
  }

  @Test
  void aThousandWebSocketsLeaveNothingBehind() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    openAndClose(acceptor, 20); // what a library keeps for the next WebSocket is there then
    Map<String, Long> before = threads();
    long descriptors = descriptors();
    openAndClose(acceptor, 1_000);
    Await.until(
        "the threads of ended WebSockets end",
        () -> threads().entrySet().stream().allMatch(kind -> isFew(kind, before)));
    Await.until("the sockets of ended WebSockets close", () -> descriptors() < descriptors + FEW);
  }

  private void openAndClose(WebSocketAcceptor acceptor, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      Ends ends = connect(acceptor);
      ends.of(i % 2 == 0 ? End.DIALER : End.ACCEPTOR).close(1000, "");
      assertEquals(1000, dialed.next(Event.Close.class).code());
      assertEquals(1000, accepted.next(Event.Close.class).code());
      dialed.reset();
      accepted.reset();
    }
  }

  /** Live threads by name, whose digits do not count. */
  private static Map<String, Long> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .collect(
            Collectors.groupingBy(
                thread -> thread.getName().replaceAll("[0-9a-f]*[0-9][0-9a-f]*", "#"),
                Collectors.counting()));
  }

  private static boolean isFew(Map.Entry<String, Long> kind, Map<String, Long> before) {
    return kind.getValue() < before.getOrDefault(kind.getKey(), 0L) + FEW;
  }

  /** Open files and sockets of this process; 0 where the JVM cannot tell. */
  private static long descriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : 0;
  }

  /** An acceptor for this port of loopback, not started; not asked for if {@link #hosted}. */
  protected abstract WebSocketAcceptor acceptorAt(int port);
}
