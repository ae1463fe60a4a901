package io.culvert.websocket.jetty;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketAcceptorFactory;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.eclipse.jetty.http.pathmap.PathSpec;
import org.eclipse.jetty.http.pathmap.ServletPathSpec;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Accepts WebSockets on a path of a Jetty server that runs anyway, beside what it serves otherwise.
 * A handler for that server's tree:
 *
 * <pre>{@code
 * JettyMount mount = new JettyMount("/tunnel");
 * jetty.insertHandler(mount); // in front of what the server serves on all other paths
 * jetty.start();
 *
 * WebSocketAcceptor acceptor = mount.acceptor(new ListenRequest(null, limits, null, "unused"));
 * acceptor.start(upgradeHandler);
 * }</pre>
 *
 * <p>Other requests go on to the wrapped handler. Of its own it answers WebSocket upgrades over
 * HTTP/1.1, with 503 while no acceptor is started; everything else among them gets 426. Address,
 * TLS, threads and the time limit for upgrades are the server's. Its idle timeout ends with the
 * upgrade. Close the acceptor before the server is stopped: a server that stops cuts its
 * WebSockets.
 *
 * <p>Thread-safe. A mount serves one started acceptor at a time.
 */
public final class JettyMount extends Handler.Wrapper implements WebSocketAcceptorFactory {
  private final Predicate<? super Request> ours;

  /** Who answers upgrades; null while no acceptor is started. */
  private final AtomicReference<Upgrades> upgrades = new AtomicReference<>();

  /**
   * @param path as seen inside the handler's context: {@code /tunnel}, exactly; {@code /tunnel/*},
   *     with all below; {@code /*}, all
   * @throws MissingLibraryException if Jetty's WebSocket server is not there
   */
  public JettyMount(String path) {
    this(onPath(path));
  }

  /**
   * For a choice by something else than the path.
   *
   * @param ours which requests are answered here; all others go on to the wrapped handler. Must not
   *     block
   * @throws MissingLibraryException if Jetty's WebSocket server is not there
   */
  public JettyMount(Predicate<? super Request> ours) {
    MissingLibraryException.require(
        JettyMount.class, JettyAcceptor.LIBRARY_CLASS, JettyAcceptor.LIBRARY);
    this.ours = Objects.requireNonNull(ours, "ours");
  }

  private static Predicate<Request> onPath(String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("expected a path that starts with /, but got " + path);
    }
    PathSpec spec = new ServletPathSpec(path);
    return request -> spec.matches(Request.getPathInContext(request));
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the request has an address or TLS: those are the server's
   */
  @Override
  public WebSocketAcceptor acceptor(ListenRequest request) {
    if (request.address() != null || request.tls() != null) {
      throw new IllegalArgumentException(
          "a mounted acceptor listens where its Jetty server does: give that address and TLS");
    }
    return new MountedAcceptor(upgrades, request.limits());
  }

  @Override
  public boolean hosted() {
    return true;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!ours.test(request)) {
      return super.handle(request, response, callback);
    }
    Upgrades current = upgrades.get();
    if (current == null) {
      Refusal.write(Refusal.NOT_ACCEPTING, response, callback);
    } else {
      current.answer(request, response, callback);
    }
    return true;
  }
}
