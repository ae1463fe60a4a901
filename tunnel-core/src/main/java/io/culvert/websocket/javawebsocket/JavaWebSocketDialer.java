package io.culvert.websocket.javawebsocket;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.UpgradeHeaders;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A {@link WebSocketDialer} over Java-WebSocket. Each dialed WebSocket has one daemon thread, which
 * ends with it.
 *
 * <p>SOCKS proxies are asked in version 5 without authentication, and resolve the host name
 * themselves.
 */
public final class JavaWebSocketDialer implements WebSocketDialer {
  static final String LIBRARY = "org.java-websocket:Java-WebSocket";
  static final String LIBRARY_CLASS = "org.java_websocket.drafts.Draft_6455";

  private static final AtomicLong dials = new AtomicLong();

  private final String threadPrefix;

  /** Threads are named {@code culvert-dial-<number>}. */
  public JavaWebSocketDialer() {
    this("culvert");
  }

  /**
   * @param threadPrefix threads are named {@code <prefix>-dial-<number>}
   * @throws MissingLibraryException if Java-WebSocket is not there
   */
  public JavaWebSocketDialer(String threadPrefix) {
    MissingLibraryException.require(JavaWebSocketDialer.class, LIBRARY_CLASS, LIBRARY);
    this.threadPrefix = Objects.requireNonNull(threadPrefix, "threadPrefix");
  }

  @Override
  public WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException {
    Objects.requireNonNull(listener, "listener");
    UpgradeHeaders.check(request);
    IoLoop loop = new IoLoop(threadPrefix + "-dial-" + dials.incrementAndGet(), true);
    return new DialAttempt(loop, request, listener).run();
  }
}
