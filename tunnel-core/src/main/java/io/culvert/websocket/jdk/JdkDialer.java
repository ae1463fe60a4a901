package io.culvert.websocket.jdk;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A {@link WebSocketDialer} over the JDK's own {@code java.net.http}: no library is needed.
 *
 * <p>Threads: each WebSocket has one daemon thread, which the JDK names {@code
 * HttpClient-<number>-SelectorManager} and which runs its callbacks. A second one, {@code
 * <prefix>-dial-<number>}, lives while something is to be done aside from it, such as looking up a
 * name, and for a second after that. Both end with the WebSocket.
 *
 * <p>What the JDK does its own way:
 *
 * <ul>
 *   <li>It refuses to send the close codes 1002, 1003, 1007, 1009, 1010 and 1012 to 1014. The peer
 *       sees 1001 in place of 1012 and 1013, and 1008 in place of the others; this side's listener
 *       is told the real one if it closed because of what the peer sent. A peer that breaks the
 *       protocol may see its socket dropped without a close frame.
 *   <li>It reads 16 KiB at a time and masks into a buffer of 16 KiB: raise {@code
 *       -Djdk.httpclient.bufsize} (262144 made receiving several times as fast) and {@code
 *       -Djdk.httpclient.websocket.writeBufferSize} for bulk. Text leaves in frames of at most
 *       {@code -Djdk.httpclient.websocket.intermediateBufferSize}, 16 KiB, binary messages in one
 *       frame each.
 *   <li>A ping waits while another is being written; of several that wait only the latest is sent.
 *   <li>A ping of the peer that arrives while this side closes may cost the close its code: the JDK
 *       answers behind its own close frame, drops the socket when that fails, and the end is 1006.
 *   <li>It sends no Basic credentials to a proxy unless {@code
 *       -Djdk.http.auth.tunneling.disabledSchemes=} is set (to nothing) when the JVM starts. A dial
 *       that would need it fails and says so.
 *   <li>It dials the first of a host's addresses only, and reads the whole body of a refusal before
 *       the dial fails.
 * </ul>
 */
public final class JdkDialer implements WebSocketDialer {
  private static final Set<Feature> MISSING =
      Collections.unmodifiableSet(
          EnumSet.of(
              Feature.ANY_TEXT, Feature.ADDRESSES, Feature.SOCKS_PROXY, Feature.CLOSE_CODES));

  private static final AtomicLong dials = new AtomicLong();

  private final String threadPrefix;

  /** Threads are named {@code culvert-dial-<number>}. */
  public JdkDialer() {
    this("culvert");
  }

  /**
   * @param threadPrefix threads are named {@code <prefix>-dial-<number>}
   * @throws MissingLibraryException if this Java runtime was linked without {@code java.net.http}
   */
  public JdkDialer(String threadPrefix) {
    MissingLibraryException.require(
        JdkDialer.class, "java.net.http.HttpClient", "the JDK module java.net.http");
    this.threadPrefix = Objects.requireNonNull(threadPrefix, "threadPrefix");
  }

  @Override
  public WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException {
    Objects.requireNonNull(listener, "listener");
    RequestChecks.check(request);
    ClientThreads threads = new ClientThreads(threadPrefix + "-dial-" + dials.incrementAndGet());
    return new DialAttempt(threads, request, listener).run();
  }

  @Override
  public Set<Feature> missing() {
    return MISSING;
  }
}
